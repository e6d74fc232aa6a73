//! Putting what the user did into the outbox, and changing or dropping it while the server does not have it.

use crate::changes::Changes;
use crate::error::Result;
use crate::outbox::drafts;
use crate::outbox::ops::{self, OpState, OpenOp};
use crate::store::Store;
use parlour_protocol::{Action, Millis, Op, OpId};
use rusqlite::Connection;

parlour_sqlite::statements! {
    /// $1 id. Not what the server may already have.
    DISCARD = "DELETE FROM ops
        WHERE id = $1 AND (state = 'refused' OR (state = 'waiting' AND tried = 0))";
    /// $1 action, $2 id. Not what the server may already have.
    REWRITE = "UPDATE ops SET action = $1, state = 'waiting', code = NULL, reason = NULL
        WHERE id = $2 AND (state = 'refused' OR (state = 'waiting' AND tried = 0))";
    /// $1 id.
    RETRY = "UPDATE ops SET state = 'waiting', code = NULL, reason = NULL, members_until = NULL
        WHERE id = $1 AND state = 'refused'";
}

impl Store {
    /// Keeps what the user did, in the place of what it takes back: of an older choice about the same
    /// thing nobody has to hear. On the disk when it returns.
    pub fn enqueue(&self, op: &Op, now: Millis) -> Result<Changes> {
        self.outbox.take(|conn| {
            let tx = conn.unchecked_transaction()?;
            for open in ops::open_in(&tx, op.conversation_id)? {
                // A read position is the server's to keep as far as it goes, whatever comes first.
                let may_be_there = open.tried && open.state == OpState::Waiting;
                let is_free = !may_be_there || matches!(op.action, Action::Read { .. });
                if is_free && op.action.rules().replaces(&open.op.action.rules()) {
                    ops::delete(&tx, open.op.id)?;
                }
            }
            ops::insert(&tx, op, now, None)?;
            Ok(tx.commit()?)
        })?;
        Ok(Changes::of(op.conversation_id).with_outbox())
    }

    /// Keeps a message and empties the conversation's draft, in one write. `members_until` is when the newest
    /// member joined whom its writer could know of, where it is to be asked before others may read it.
    pub fn enqueue_message(
        &self,
        op: &Op,
        now: Millis,
        members_until: Option<Millis>,
    ) -> Result<Changes> {
        let known = self.known_draft(op.conversation_id)?;
        self.outbox.take(|conn| {
            let tx = conn.unchecked_transaction()?;
            drafts::clear(&tx, op.conversation_id, known.as_ref(), now)?;
            ops::insert(&tx, op, now, members_until)?;
            Ok(tx.commit()?)
        })?;
        Ok(Changes::of(op.conversation_id).with_outbox())
    }

    /// Takes nothing new from here on: what is done or written fails with
    /// [`Error::Closed`](crate::error::Error::Closed) until [`Store::unseal`]. Answers everything that waits or was refused: whatever was accepted is among it.
    pub fn seal(&self) -> Result<Vec<OpenOp>> {
        self.outbox.seal()
    }

    /// Takes what is new again.
    pub fn unseal(&self) {
        self.outbox.unseal();
    }

    /// Everything that waits or was refused, in the order in which it was done.
    pub fn open_ops(&self) -> Result<Vec<OpenOp>> {
        self.outbox.open_ops()
    }

    /// An op that is not done.
    pub fn open_op(&self, id: OpId) -> Result<Option<OpenOp>> {
        self.outbox.with(|conn| ops::find(conn, id))
    }

    /// Drops an op, unless the server may have it already; answers whether it did. What waits behind
    /// a message to change it goes with it.
    pub fn discard(&self, op: &Op) -> Result<(bool, Changes)> {
        let dropped = self.outbox.with(|conn| {
            let tx = conn.unchecked_transaction()?;
            let dropped = tx.prepare_cached(DISCARD)?.execute([op.id.0])? > 0;
            if dropped {
                drop_changes(&tx, op)?;
            }
            tx.commit()?;
            Ok(dropped)
        })?;
        Ok((dropped, Changes::of(op.conversation_id).with_outbox()))
    }

    /// Changes what an op says, unless the server may have it already; answers whether it did. What
    /// waits behind a message to change it is older than this, and dropped.
    pub fn rewrite(&self, op: &Op) -> Result<(bool, Changes)> {
        let action = serde_json::to_string(&op.action)?;
        let changed = self.outbox.take(|conn| {
            let tx = conn.unchecked_transaction()?;
            let changed = tx.prepare_cached(REWRITE)?.execute((action, op.id.0))? > 0;
            if changed {
                drop_changes(&tx, op)?;
            }
            tx.commit()?;
            Ok(changed)
        })?;
        Ok((changed, Changes::of(op.conversation_id).with_outbox()))
    }

    /// Lets a refused op wait again.
    pub fn retry(&self, op: &Op) -> Result<Changes> {
        self.outbox.take(|conn| Ok(conn.prepare_cached(RETRY)?.execute([op.id.0])?))?;
        Ok(Changes::of(op.conversation_id).with_outbox())
    }
}

/// Drops what waits to edit or delete a message that waits itself: it stands behind the message, so
/// that no server has it.
fn drop_changes(conn: &Connection, op: &Op) -> Result<()> {
    for open in ops::open_in(conn, op.conversation_id)? {
        let changed = match open.op.action {
            Action::Edit { message_id, .. } | Action::Delete { message_id } => Some(message_id.0),
            _ => None,
        };
        if changed == Some(op.id.0) {
            ops::delete(conn, open.op.id)?;
        }
    }
    Ok(())
}
