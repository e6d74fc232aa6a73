//! Messages that this device sent, with the ops that it sent to change them. The outbox keeps these
//! for 30 days.

use crate::error::Result;
use parlour_protocol::{Action, ConversationId, MessageId, Millis, OpId};
use rusqlite::Connection;
use std::collections::BTreeMap;

parlour_sqlite::statements! {
    /// $1 conversation.
    SENT_IN = "SELECT id, action, created_at FROM ops INDEXED BY ops_sent_in
        WHERE state = 'sent' AND conversation_id = $1 ORDER BY position";
    /// $1 id.
    REQUEUE = "UPDATE ops SET state = 'waiting' WHERE id = $1 AND state = 'sent'";
    /// $1 id.
    DELETE = "DELETE FROM ops WHERE id = $1 AND state = 'sent'";
}

/// A message that was sent.
#[derive(Debug)]
pub(crate) struct Sent {
    id: OpId,
    /// The time at which it was written, according to this device's clock.
    pub created_at: Millis,
    /// Its edits, in the order in which they were made.
    edits: Vec<OpId>,
    /// Whether it was deleted on this device.
    pub is_deleted: bool,
}

impl Sent {
    /// Puts the message and its newest edit back into the state `waiting`; returns how many ops
    /// these are.
    pub fn requeue(&self, conn: &Connection) -> Result<usize> {
        let mut requeued = conn.prepare_cached(REQUEUE)?.execute([self.id.0])?;
        if let Some(edit) = self.edits.last() {
            requeued += conn.prepare_cached(REQUEUE)?.execute([edit.0])?;
        }
        Ok(requeued)
    }

    /// Deletes the message's ops, so that it is never sent again.
    pub fn delete(&self, conn: &Connection) -> Result<()> {
        for op in self.edits.iter().chain([&self.id]) {
            conn.prepare_cached(DELETE)?.execute([op.0])?;
        }
        Ok(())
    }
}

/// Returns the messages that this device sent to a conversation.
pub(crate) fn messages_in(
    conn: &Connection,
    id: ConversationId,
) -> Result<BTreeMap<MessageId, Sent>> {
    let mut statement = conn.prepare_cached(SENT_IN)?;
    let mut rows = statement.query([id.0])?;
    let mut sent: BTreeMap<MessageId, Sent> = BTreeMap::new();
    while let Some(row) = rows.next()? {
        let id = OpId(row.get("id")?);
        let action = row.get_ref("action")?.as_str().unwrap_or_default();
        match serde_json::from_str(action)? {
            Action::Send { .. } => {
                let created_at = Millis(row.get("created_at")?);
                let new = Sent { id, created_at, edits: Vec::new(), is_deleted: false };
                sent.insert(MessageId(id.0), new);
            }
            Action::Edit { message_id, .. } => {
                sent.entry(message_id).and_modify(|sent| sent.edits.push(id));
            }
            Action::Delete { message_id } => {
                sent.entry(message_id).and_modify(|sent| sent.is_deleted = true);
            }
            _ => {}
        }
    }
    Ok(sent)
}
