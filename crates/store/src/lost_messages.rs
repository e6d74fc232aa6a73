//! Messages that this device sent and the server no longer has. The outbox retains sent ops for 30
//! days, and puts a lost one back into the state `waiting` under the same id. A message that the
//! server does have is not duplicated by this. If another person has used that id since, the
//! message gets another one (`Store::refuse`).

use crate::apply::ServerUpdate;
use crate::changes::Changes;
use crate::compare::messages::MessageRange;
use crate::compare::state::StreamCursor;
use crate::error::Result;
use crate::mirror::{drafts, messages, streams};
use crate::outbox;
use crate::outbox::sent::{self, Sent};
use crate::store::Store;
use parlour_protocol::{ConversationId, MessageId, Millis, Row, StreamId};
use rusqlite::{Connection, OptionalExtension};
use std::collections::{BTreeMap, BTreeSet};

parlour_sqlite::statements! {
    /// $1 id.
    BOUNDS = "SELECT number, floor_seq, visible_from FROM conversations
        WHERE id = $1 AND left_at IS NULL";
    /// $1 first key, $2 last key.
    OLDEST = "SELECT sent_at FROM messages WHERE key BETWEEN $1 AND $2 ORDER BY key LIMIT 1";
    /// $1 id.
    FIND_OWN = "SELECT messages.key, messages.deleted_at, messages.changed_seq FROM messages
        WHERE substr(messages.id, 1, 8) = substr($1, 1, 8) AND messages.id = $1
            AND messages.sender = (SELECT users.number FROM mirror
                CROSS JOIN users ON users.id = mirror.user_id WHERE mirror.only_row = 1)";
    /// $1 id.
    BELONGS_TO_ANOTHER = "SELECT EXISTS (SELECT 1 FROM messages
        WHERE substr(messages.id, 1, 8) = substr($1, 1, 8) AND messages.id = $1
            AND messages.sender IS NOT (SELECT users.number FROM mirror
                CROSS JOIN users ON users.id = mirror.user_id WHERE mirror.only_row = 1))";
    /// $1 key.
    REMOVE = "DELETE FROM messages WHERE key = $1";
}

/// Maximum difference between this device's clock and the server's: within it, no message that the
/// server still has is taken for a lost one.
const MAX_CLOCK_DIFFERENCE_MS: i64 = 5 * 60 * 1000;

/// A message in the mirror.
struct MirrorMessage {
    key: i64,
    is_deleted: bool,
    changed_seq: i64,
}

impl Store {
    /// Applies updates that arrived at the time `now`, as [`crate::Mirror::apply_at`] does. If messages that this device sent to a
    /// conversation turn out to be missing, they wait to be sent again.
    pub fn apply(&self, updates: &[ServerUpdate<'_>], now: Millis) -> Result<Changes> {
        let bootstraps = updates.iter().filter_map(|update| match update {
            ServerUpdate::Bootstrap(bootstrap) => conversation_of(bootstrap.stream),
            _ => None,
        });
        let mut deleted = BTreeMap::new();
        for id in bootstraps {
            deleted.insert(id, self.deleted_in(id)?);
        }
        let mut changes = self.mirror.apply_at(updates, now)?;
        // A change by this device may arrive before the response to its op.
        if changes.other_session_active && self.pending_ops()?.iter().any(|pending| pending.tried) {
            changes.other_session_active = false;
        }
        for update in updates {
            let (id, empty) = match update {
                ServerUpdate::Bootstrap(bootstrap) => (bootstrap.stream, BTreeSet::new()),
                ServerUpdate::History(history) => (history.stream, BTreeSet::new()),
                _ => continue,
            };
            let Some(id) = conversation_of(id) else { continue };
            changes.merge(self.requeue_lost(id, deleted.get(&id).unwrap_or(&empty), false)?);
        }
        Ok(changes)
    }

    /// Makes a range equal to what the server has, as [`crate::Mirror::repair`] does. Messages
    /// that this device sent and the server does not have wait to be sent again.
    pub fn repair(
        &self,
        range: &MessageRange,
        epoch: &str,
        rows: &[Row],
    ) -> Result<Option<(i64, Changes)>> {
        let deleted = self.deleted_in(range.conversation)?;
        let repaired = self.mirror.repair(range, epoch, rows)?;
        let Some((repaired, mut changes)) = repaired else { return Ok(None) };
        changes.merge(self.requeue_lost(range.conversation, &deleted, false)?);
        Ok(Some((repaired, changes)))
    }

    /// Puts messages that this device sent to a conversation in the last 30 days back into the
    /// outbox, if the mirror lacks them although it has everything that the server sent. To be
    /// called after the conversation was compared with the server.
    pub fn requeue_missing(&self, id: ConversationId) -> Result<Changes> {
        self.requeue_lost(id, &BTreeSet::new(), true)
    }

    /// Returns whether the mirror has a message of another person with this id.
    pub(crate) fn belongs_to_another(&self, id: MessageId) -> Result<bool> {
        self.mirror.read(|conn| {
            Ok(conn.prepare_cached(BELONGS_TO_ANOTHER)?.query_row([id.0], |row| row.get(0))?)
        })
    }

    /// Makes a stream, except its messages, equal to the server's, as [`crate::Mirror::repair_state`] does.
    /// Drafts that the server does not have become drafts of this device.
    pub fn repair_state(
        &self,
        applied: &StreamCursor,
        epoch: &str,
        rows: &[Row],
    ) -> Result<Option<(i64, Changes)>> {
        if matches!(applied.stream, StreamId::Account(_)) {
            let on_server: BTreeSet<ConversationId> = rows
                .iter()
                .filter_map(|row| {
                    if let Row::Draft(row) = row { Some(row.conversation_id) } else { None }
                })
                .collect();
            let mut lost = self.mirror.read(|conn| drafts::non_empty(conn))?;
            lost.retain(|(id, _)| !on_server.contains(id));
            self.outbox.with_conn(|conn| outbox::drafts::insert_missing(conn, &lost))?;
        }
        self.mirror.repair_state(applied, epoch, rows)
    }

    /// Returns the messages that this device sent to a conversation and that the mirror knows to be
    /// deleted.
    fn deleted_in(&self, id: ConversationId) -> Result<BTreeSet<MessageId>> {
        let sent = self.outbox.with_conn(|conn| sent::messages_in(conn, id))?;
        self.mirror.read(|conn| {
            let mut deleted = BTreeSet::new();
            for id in sent.into_keys() {
                if find_own(conn, id)?.is_some_and(|message| message.is_deleted) {
                    deleted.insert(id);
                }
            }
            Ok(deleted)
        })
    }

    /// Puts lost messages back into the outbox, except those in `deleted`, whose ops are deleted.
    /// With `is_compared`, a message that is in the mirror but newer than the cursor is lost, too:
    /// it came with the response to an op, and a restore of the server undid that state.
    fn requeue_lost(
        &self,
        id: ConversationId,
        deleted: &BTreeSet<MessageId>,
        is_compared: bool,
    ) -> Result<Changes> {
        let sent = self.outbox.with_conn(|conn| sent::messages_in(conn, id))?;
        let (lost, stale) = self.mirror.read(|conn| find_lost(conn, id, &sent, is_compared))?;
        if lost.is_empty() {
            return Ok(Changes::default());
        }
        let requeued = self.outbox.with_conn(|conn| {
            let tx = conn.unchecked_transaction()?;
            let mut requeued = 0;
            for id in lost {
                let message = &sent[&id];
                if deleted.contains(&id) {
                    message.delete(&tx)?;
                } else if !message.is_deleted {
                    requeued += message.requeue(&tx)?;
                }
            }
            tx.commit()?;
            Ok(requeued)
        })?;
        if !stale.is_empty() {
            self.mirror.write(|conn| {
                for key in &stale {
                    conn.prepare_cached(REMOVE)?.execute([key])?;
                }
                Ok(())
            })?;
        }
        if requeued == 0 {
            return Ok(Changes::default());
        }
        tracing::error!(conversation = %id, requeued, "the server lost messages; they are sent again");
        let mut changes = Changes::of_conversation(id).with_outbox();
        changes.requeued.insert(id);
        Ok(changes)
    }
}

fn conversation_of(stream: StreamId) -> Option<ConversationId> {
    if let StreamId::Conversation(id) = stream { Some(id) } else { None }
}

fn find_own(conn: &Connection, id: MessageId) -> Result<Option<MirrorMessage>> {
    let read = |row: &rusqlite::Row<'_>| {
        let is_deleted = row.get::<_, Option<i64>>("deleted_at")?.is_some();
        Ok(MirrorMessage { key: row.get("key")?, is_deleted, changed_seq: row.get("changed_seq")? })
    };
    Ok(conn.prepare_cached(FIND_OWN)?.query_row([id.0], read).optional()?)
}

/// Returns which of the `sent` messages the mirror should have and does not; and the keys of those
/// that it has only from a state that was undone. Both are empty until the conversation is fetched
/// up to its head.
fn find_lost(
    conn: &Connection,
    id: ConversationId,
    sent: &BTreeMap<MessageId, Sent>,
    is_compared: bool,
) -> Result<(Vec<MessageId>, Vec<i64>)> {
    let (mut lost, mut stale) = (Vec::new(), Vec::new());
    let read = |row: &rusqlite::Row<'_>| {
        Ok::<(i64, i64, i64), _>((
            row.get("number")?,
            row.get("floor_seq")?,
            row.get("visible_from")?,
        ))
    };
    let bounds = conn.prepare_cached(BOUNDS)?.query_row([id.0], read).optional()?;
    let cursor_and_head = streams::cursor_and_head(conn, StreamId::Conversation(id))?;
    let (Some((number, floor, visible)), Some((cursor, head))) = (bounds, cursor_and_head) else {
        return Ok((lost, stale));
    };
    if cursor < head || floor < 1 {
        return Ok((lost, stale));
    }
    // Nothing is known about messages that are not present or may not be seen. For an incomplete
    // history, only the times tell which messages belong to the known part.
    let (is_complete, range): (bool, _) = (floor <= 1 && visible <= 1, messages::range(number));
    let oldest = conn.prepare_cached(OLDEST)?.query_row(range, |row| row.get(0)).optional()?;
    let since: i64 = match (is_complete, oldest) {
        (true, _) => i64::MIN,
        (false, Some(oldest)) => oldest,
        (false, None) => return Ok((lost, stale)),
    };
    for (id, sent) in sent {
        if !is_complete && sent.created_at.0.saturating_sub(MAX_CLOCK_DIFFERENCE_MS) < since {
            continue;
        }
        match find_own(conn, *id)? {
            None => lost.push(*id),
            Some(message) if is_compared && message.changed_seq > cursor => {
                lost.push(*id);
                stale.push(message.key);
            }
            Some(_) => {}
        }
    }
    Ok((lost, stale))
}
