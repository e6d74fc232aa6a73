//! Applies data from the server to the mirror: rows, cursor and known head in one transaction.

use crate::activity::fill::set_reacted;
use crate::changes::Changes;
use crate::error::Result;
use crate::mirror::{
    Mirror, conversations, drafts, members, messages, saved, sessions, streams, synced_settings,
    users,
};
use crate::new_items;
use parlour_protocol::{
    Bootstrap, Heads, History, MessageRow, Millis, OpDone, Page, Row, StreamId,
};
use rusqlite::Connection;

/// Something that the server sent, or a decision that follows from it.
#[derive(Debug, Clone, Copy)]
pub enum ServerUpdate<'a> {
    /// The streams that moved, and the watermark.
    Heads(&'a Heads),
    /// The changes of the range (from, to]; moves the cursor to `to`. Has no effect if the page
    /// does not continue what is already applied: a frame may be late or arrive twice.
    Page(&'a Page),
    /// A conversation's newest page, with which its stream is started or restarted; sets its cursor.
    Bootstrap(&'a Bootstrap),
    /// Older messages, below the floor; they lower the floor and never move the cursor. Have no
    /// effect if they do not continue at the floor.
    History(&'a History),
    /// This stream is restarted; its rows stay until the new ones replace them.
    Reset(StreamId),
    /// This stream is no longer followed; its rows stay readable.
    Drop(StreamId),
}

impl Mirror {
    /// Same as [`Self::apply_at`], at an unknown time.
    pub fn apply(&self, updates: &[ServerUpdate<'_>]) -> Result<Changes> {
        self.apply_at(updates, Millis(0))
    }

    /// Applies `updates` that arrived at the time `now`, in one transaction, all of them or none. Updates of the same
    /// stream are applied in the given order.
    pub fn apply_at(&self, updates: &[ServerUpdate<'_>], now: Millis) -> Result<Changes> {
        self.write(|conn| {
            let mut changes = Changes::default();
            for update in sorted_by_conversation(conn, updates)? {
                changes.merge(match update {
                    ServerUpdate::Heads(heads) => streams::save_heads(conn, heads)?,
                    ServerUpdate::Page(page) => apply_page(conn, page, now)?,
                    ServerUpdate::Bootstrap(bootstrap) => apply_bootstrap(conn, bootstrap, now)?,
                    ServerUpdate::History(history) => apply_history(conn, history)?,
                    ServerUpdate::Reset(stream) => streams::reset(conn, stream)?,
                    ServerUpdate::Drop(stream) => streams::drop(conn, stream)?,
                });
            }
            Ok(changes)
        })
    }

    /// Writes the rows of the server's response to an op. Never moves a cursor. Returns `None`,
    /// and writes nothing, if the response is from another epoch.
    pub fn apply_done(&self, done: &OpDone) -> Result<Option<Changes>> {
        self.write(|conn| {
            if streams::epoch(conn)? != done.epoch {
                return Ok(None);
            }
            let first = match done.stream {
                StreamId::Conversation(id) => {
                    let number = conversations::number(conn, id)?;
                    // The response came after this user was removed and ordered to delete the
                    // local copy.
                    if conversations::is_purged(conn, number)? {
                        return Ok(Some(Changes::of_conversation(id)));
                    }
                    conversations::visible_from(conn, number)?
                }
                _ => 0,
            };
            // A late response may contain messages that this user may no longer see.
            let is_hidden = |row: &Row| matches!(row, Row::Message(row) if row.seq.0 < first);
            let visible: Vec<Row> =
                done.rows.iter().filter(|row| !is_hidden(row)).cloned().collect();
            let changes = rows(conn, done.stream, &visible, Millis(0))?;
            Ok(Some(Changes { other_session_active: false, ..changes }))
        })
    }
}

/// Sorts updates by the keys of their messages, because the full-text index flushes its pending
/// terms whenever a key is lower than the previous one.
fn sorted_by_conversation<'a>(
    conn: &Connection,
    updates: &'a [ServerUpdate<'a>],
) -> Result<Vec<ServerUpdate<'a>>> {
    let mut keyed = Vec::with_capacity(updates.len());
    for update in updates {
        let stream = match update {
            ServerUpdate::Heads(_) => StreamId::Directory,
            ServerUpdate::Page(page) => page.stream,
            ServerUpdate::Bootstrap(bootstrap) => bootstrap.stream,
            ServerUpdate::History(history) => history.stream,
            ServerUpdate::Reset(stream) | ServerUpdate::Drop(stream) => *stream,
        };
        let number = match stream {
            // A conversation that is not known yet sorts after all known ones.
            StreamId::Conversation(id) => conversations::find(conn, id)?.unwrap_or(i64::MAX),
            _ => 0,
        };
        keyed.push((number, *update));
    }
    keyed.sort_by_key(|(number, _)| *number);
    Ok(keyed.into_iter().map(|(_, update)| update).collect())
}

fn apply_page(conn: &Connection, page: &Page, now: Millis) -> Result<Changes> {
    let initial_cursor = match page.stream {
        StreamId::Conversation(_) => None,
        _ => Some(0),
    };
    let cursor = streams::cursor(conn, page.stream)?.or(initial_cursor);
    if cursor.is_none_or(|cursor| page.from > cursor || page.to <= cursor) {
        return Ok(Changes::default());
    }
    let changes = rows(conn, page.stream, &page.rows, now)?;
    streams::set_cursor(conn, page.stream, page.term, page.to, page.head)?;
    if matches!(page.stream, StreamId::Account(_)) && page.to >= page.head {
        streams::mark_complete(conn)?;
    }
    Ok(changes)
}

fn apply_bootstrap(conn: &Connection, bootstrap: &Bootstrap, now: Millis) -> Result<Changes> {
    let StreamId::Conversation(id) = bootstrap.stream else { return Ok(Changes::default()) };
    let number = conversations::number(conn, id)?;
    let new_items = new_items::of_bootstrap(conn, id, messages_of(&bootstrap.rows))?;
    // The response to an op of this user may be newer than this bootstrap.
    messages::clear(conn, number, bootstrap.head)?;
    members::clear(conn, number)?;
    let seqs = messages_of(&bootstrap.rows).map(|row| row.seq.0);
    // Without messages there is no history to fetch either.
    let floor = seqs.min().unwrap_or(1);
    if streams::head(conn, bootstrap.stream)? <= bootstrap.head {
        conversations::forget_newest(conn, number)?;
    }
    conversations::restart(conn, number, bootstrap.last_seq, floor)?;
    let changes = Changes { new_items, ..rows(conn, bootstrap.stream, &bootstrap.rows, now)? };
    let (term, head) = (bootstrap.term, bootstrap.head);
    streams::set_cursor(conn, bootstrap.stream, term, head, head)?;
    Ok(changes)
}

fn apply_history(conn: &Connection, history: &History) -> Result<Changes> {
    let StreamId::Conversation(id) = history.stream else { return Ok(Changes::default()) };
    let number = conversations::number(conn, id)?;
    if conversations::floor(conn, number)? != history.before {
        return Ok(Changes::default());
    }
    let applied = messages::apply(conn, number, messages_of(&history.rows))?;
    conversations::set_floor(conn, number, applied.map_or(1, |applied| applied.low))?;
    Ok(Changes::of_conversation(id))
}

fn messages_of(rows: &[Row]) -> impl Iterator<Item = &MessageRow> {
    rows.iter().filter_map(|row| if let Row::Message(row) = row { Some(row) } else { None })
}

/// Writes the rows of a stream, which arrived at the time `now`; skips those that do not belong to it.
pub(crate) fn rows(
    conn: &Connection,
    stream: StreamId,
    rows: &[Row],
    now: Millis,
) -> Result<Changes> {
    let mut changes = Changes::default();
    if let StreamId::Conversation(id) = stream {
        let number = conversations::number(conn, id)?;
        for row in rows {
            match row {
                Row::Conversation(row) if row.id == id => conversations::apply(conn, row)?,
                Row::Member(row) => members::apply(conn, number, row)?,
                _ => {}
            }
        }
        let new_rows = new_items::of_page(conn, (id, number), messages_of(rows))?;
        (changes.new_items, changes.other_session_active) = (new_rows.new_items, new_rows.has_own);
        if let Some(applied) = messages::apply(conn, number, messages_of(rows))? {
            conversations::update_newest(conn, number, applied.high, applied.sent_at)?;
        }
        for (key, changed_seq) in new_rows.reacted {
            set_reacted(conn, key, now, changed_seq)?;
        }
        changes.conversations.insert(id);
        return Ok(changes);
    }
    for row in rows {
        match (stream, row) {
            (StreamId::Account(_), Row::Membership(row)) => {
                changes.other_session_active |= conversations::apply_membership(conn, row)?;
                changes.conversations.insert(row.conversation_id);
            }
            (StreamId::Account(_), Row::Session(row)) => sessions::apply(conn, row)?,
            (StreamId::Account(_), Row::Draft(row)) => {
                drafts::apply(conn, row)?;
                changes.conversations.insert(row.conversation_id);
            }
            (StreamId::Account(_), Row::Saved(row)) => {
                saved::apply(conn, row)?;
                changes.conversations.insert(row.conversation_id);
            }
            (StreamId::Account(_), Row::Setting(row)) => {
                synced_settings::apply(conn, row)?;
                changes.choices = true;
            }
            (StreamId::Directory, Row::User(row)) => {
                let changed = users::apply(conn, row)?;
                changes.people |= changed.person;
                changes.statuses |= changed.status;
            }
            _ => {}
        }
    }
    Ok(changes)
}
