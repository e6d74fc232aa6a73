//! Retries and discards ops of the outbox.

use crate::error::Result;
use crate::session::Session;
use parlour_protocol::{Action, MessageId, OpId};

impl Session {
    /// Queues a refused action again.
    pub fn retry(&self, id: OpId) -> Result<()> {
        let Some(pending) = self.context.store.pending_op(id)? else { return Ok(()) };
        let changes = self.context.store.retry(&pending.op)?;
        self.lane_changed(&pending, changes)
    }

    /// Discards an action that has not reached the server. A message that may have reached it is
    /// deleted on the server.
    pub fn discard(&self, id: OpId) -> Result<()> {
        let Some(pending) = self.context.store.pending_op(id)? else { return Ok(()) };
        match pending.op.action {
            Action::Send { .. } => {
                self.delete_message(pending.op.conversation_id, MessageId(pending.op.id.0))
            }
            _ => {
                let (_, changes) = self.context.store.discard(&pending.op)?;
                self.lane_changed(&pending, changes)
            }
        }
    }
}
