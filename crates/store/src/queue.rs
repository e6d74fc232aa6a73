//! Puts user actions into the outbox, and changes or drops them while the server does not have
//! them.

use crate::changes::Changes;
use crate::error::Result;
use crate::mirror;
use crate::outbox::ops::{self, OpState, PendingOp};
use crate::outbox::{drafts, files};
use crate::store::Store;
use parlour_protocol::{Action, Millis, Op, OpId};
use rusqlite::Connection;

parlour_sqlite::statements! {
    /// $1 id. Spares an op that the server may already have.
    DISCARD = "DELETE FROM ops
        WHERE id = $1 AND (state = 'refused' OR (state = 'waiting' AND tried = 0))";
    /// $1 action, $2 id. Spares an op that the server may already have.
    REWRITE = "UPDATE ops SET action = $1, state = 'waiting', code = NULL, reason = NULL
        WHERE id = $2 AND (state = 'refused' OR (state = 'waiting' AND tried = 0))";
    /// $1 id.
    RETRY = "UPDATE ops SET state = 'waiting', code = NULL, reason = NULL, members_until = NULL
        WHERE id = $1 AND state = 'refused'";
}

impl Store {
    /// Stores an action. It replaces waiting actions that it makes obsolete, such as an older value of the
    /// same setting. The action is on the disk when this returns.
    pub fn enqueue(&self, op: &Op, now: Millis) -> Result<Changes> {
        self.outbox.write_new(|conn| {
            let tx = conn.unchecked_transaction()?;
            for pending in ops::pending_in(&tx, op.conversation_id)? {
                // The server keeps the highest read position, whatever arrives first, so an op that
                // may have arrived can be replaced.
                let may_be_on_server = pending.tried && pending.state == OpState::Waiting;
                let is_replaceable = !may_be_on_server || matches!(op.action, Action::Read { .. });
                if is_replaceable && op.action.rules().replaces(&pending.op.action.rules()) {
                    ops::delete(&tx, pending.op.id)?;
                }
            }
            ops::insert(&tx, op, now, None)?;
            Ok(tx.commit()?)
        })?;
        Ok(Changes::of_conversation(op.conversation_id).with_outbox())
    }

    /// Stores a message, empties the conversation's draft and removes its files from the composer, in one write. `members_until`
    /// is the time at which the newest member known to the author joined, if the author must confirm the message should
    /// others have joined since.
    pub fn enqueue_message(
        &self,
        op: &Op,
        now: Millis,
        members_until: Option<Millis>,
    ) -> Result<Changes> {
        let known = self.mirror.read(|conn| mirror::drafts::find(conn, op.conversation_id))?;
        self.outbox.write_new(|conn| {
            let tx = conn.unchecked_transaction()?;
            drafts::clear(&tx, op.conversation_id, known.as_ref(), now)?;
            if let Action::Send { files: sent, .. } = &op.action {
                for staged in files::staged(&tx, op.conversation_id)? {
                    if sent.contains(staged.sent()) {
                        files::unstage(&tx, staged.id)?;
                    }
                }
            }
            ops::insert(&tx, op, now, members_until)?;
            Ok(tx.commit()?)
        })?;
        Ok(Changes::of_conversation(op.conversation_id).with_outbox())
    }

    /// Rejects new actions and drafts from here on with
    /// [`Error::Closed`](crate::error::Error::Closed), until [`Store::reopen_outbox`]. Returns all ops
    /// that wait or were refused, which include everything that was accepted.
    pub fn close_outbox(&self) -> Result<Vec<PendingOp>> {
        self.outbox.close_outbox()
    }

    /// Accepts new actions and drafts again.
    pub fn reopen_outbox(&self) {
        self.outbox.reopen_outbox();
    }

    /// Returns every op that waits or was refused, in the order in which the actions were done.
    pub fn pending_ops(&self) -> Result<Vec<PendingOp>> {
        self.outbox.pending_ops()
    }

    /// Returns an op that waits or was refused.
    pub fn pending_op(&self, id: OpId) -> Result<Option<PendingOp>> {
        self.outbox.with_conn(|conn| ops::find(conn, id))
    }

    /// Deletes an op, unless the server may have it already; returns whether it did. The ops that
    /// wait to change a deleted message are deleted with it.
    pub fn discard(&self, op: &Op) -> Result<(bool, Changes)> {
        let was_deleted = self.outbox.with_conn(|conn| {
            let tx = conn.unchecked_transaction()?;
            let was_deleted = tx.prepare_cached(DISCARD)?.execute([op.id.0])? > 0;
            if was_deleted {
                delete_changes(&tx, op)?;
            }
            tx.commit()?;
            Ok(was_deleted)
        })?;
        if was_deleted && op.action.has_files() {
            self.delete_unused_files()?;
        }
        Ok((was_deleted, Changes::of_conversation(op.conversation_id).with_outbox()))
    }

    /// Replaces the action of an op, unless the server may have it already; returns whether it did.
    /// The ops that wait to change a message are older than its new text, and are deleted.
    pub fn rewrite(&self, op: &Op) -> Result<(bool, Changes)> {
        let action = serde_json::to_string(&op.action)?;
        let changed = self.outbox.write_new(|conn| {
            let tx = conn.unchecked_transaction()?;
            let changed = tx.prepare_cached(REWRITE)?.execute((action, op.id.0))? > 0;
            if changed {
                delete_changes(&tx, op)?;
            }
            tx.commit()?;
            Ok(changed)
        })?;
        Ok((changed, Changes::of_conversation(op.conversation_id).with_outbox()))
    }

    /// Puts a refused op back into the state `waiting`.
    pub fn retry(&self, op: &Op) -> Result<Changes> {
        self.outbox.write_new(|conn| Ok(conn.prepare_cached(RETRY)?.execute([op.id.0])?))?;
        Ok(Changes::of_conversation(op.conversation_id).with_outbox())
    }
}

/// Deletes the ops that wait to edit or delete a message that waits itself. They are sent after the
/// message, so no server has them.
fn delete_changes(conn: &Connection, op: &Op) -> Result<()> {
    for pending in ops::pending_in(conn, op.conversation_id)? {
        let changed = match pending.op.action {
            Action::Edit { message_id, .. } | Action::Delete { message_id } => Some(message_id.0),
            _ => None,
        };
        if changed == Some(op.id.0) {
            ops::delete(conn, pending.op.id)?;
        }
    }
    Ok(())
}
