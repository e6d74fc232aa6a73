//! What the server says goes into the mirror: rows, cursor and known head in one transaction.

use crate::{Changes, Mirror, Result, conversations, members, messages, sessions, streams, users};
use parlour_protocol::{Bootstrap, History, MessageRow, OpDone, Page, Row, StreamId};
use rusqlite::Connection;

impl Mirror {
    /// Applies the changes of (from, to] and moves the cursor to `to`.
    ///
    /// Does nothing if the page does not continue what is applied: a frame may be late or doubled.
    pub fn apply_page(&self, page: &Page) -> Result<Changes> {
        self.write(|conn| {
            let begins_at = match page.stream {
                StreamId::Conversation(_) => None,
                _ => Some(0),
            };
            let cursor = streams::cursor(conn, page.stream)?.or(begins_at);
            if cursor.is_none_or(|cursor| page.from > cursor || page.to <= cursor) {
                return Ok(Changes::default());
            }
            let changes = apply_rows(conn, page.stream, &page.rows)?;
            streams::set_cursor(conn, page.stream, page.term, page.to, page.head)?;
            if matches!(page.stream, StreamId::Account(_)) && page.to >= page.head {
                streams::settle(conn)?;
            }
            Ok(changes)
        })
    }

    /// Begins a conversation (anew) with its newest page, and sets its cursor.
    pub fn apply_bootstrap(&self, bootstrap: &Bootstrap) -> Result<Changes> {
        let StreamId::Conversation(id) = bootstrap.stream else { return Ok(Changes::default()) };
        self.write(|conn| {
            let number = conversations::number(conn, id)?;
            // What an op of one's own was answered may be newer than this.
            messages::clear(conn, number, bootstrap.head)?;
            members::clear(conn, number)?;
            let seqs = messages_of(&bootstrap.rows).map(|row| row.seq.0);
            // With no message there is no history to fetch either.
            let floor = seqs.min().unwrap_or(1);
            conversations::restart(conn, number, bootstrap.last_seq, floor)?;
            let changes = apply_rows(conn, bootstrap.stream, &bootstrap.rows)?;
            let (term, head) = (bootstrap.term, bootstrap.head);
            streams::set_cursor(conn, bootstrap.stream, term, head, head)?;
            Ok(changes)
        })
    }

    /// Adds older messages below the floor, and lowers it. Never moves the cursor.
    ///
    /// Does nothing if the page does not continue the floor.
    pub fn apply_history(&self, history: &History) -> Result<Changes> {
        let StreamId::Conversation(id) = history.stream else { return Ok(Changes::default()) };
        self.write(|conn| {
            let number = conversations::number(conn, id)?;
            if conversations::floor(conn, number)? != history.before {
                return Ok(Changes::default());
            }
            let applied = messages::apply(conn, number, messages_of(&history.rows))?;
            conversations::set_floor(conn, number, applied.map_or(1, |applied| applied.low))?;
            Ok(Changes::of(id))
        })
    }

    /// Writes what the server answered to an op. Never moves a cursor. Answers nothing, and writes
    /// nothing, if that was in another epoch.
    pub fn apply_done(&self, done: &OpDone) -> Result<Option<Changes>> {
        self.write(|conn| {
            if streams::epoch(conn)? != done.epoch {
                return Ok(None);
            }
            let first = match done.stream {
                StreamId::Conversation(id) => {
                    conversations::visible_from(conn, conversations::number(conn, id)?)?
                }
                _ => 0,
            };
            // A late answer may hold what one may not see any more.
            let hidden = |row: &Row| matches!(row, Row::Message(row) if row.seq.0 < first);
            let rows: Vec<Row> = done.rows.iter().filter(|row| !hidden(row)).cloned().collect();
            apply_rows(conn, done.stream, &rows).map(Some)
        })
    }
}

fn messages_of(rows: &[Row]) -> impl Iterator<Item = &MessageRow> {
    rows.iter().filter_map(|row| if let Row::Message(row) = row { Some(row) } else { None })
}

/// Writes the rows of a stream; those that do not belong there are passed over.
fn apply_rows(conn: &Connection, stream: StreamId, rows: &[Row]) -> Result<Changes> {
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
        if let Some(applied) = messages::apply(conn, number, messages_of(rows))? {
            conversations::arrived(conn, number, applied.high, applied.at)?;
        }
        changes.conversations.insert(id);
        return Ok(changes);
    }
    for row in rows {
        match (stream, row) {
            (StreamId::Account(_), Row::Membership(row)) => {
                conversations::apply_membership(conn, row)?;
                changes.conversations.insert(row.conversation_id);
            }
            (StreamId::Account(_), Row::Session(row)) => sessions::apply(conn, row)?,
            (StreamId::Directory, Row::User(row)) => {
                users::apply(conn, row)?;
                changes.people = true;
            }
            _ => {}
        }
    }
    Ok(changes)
}
