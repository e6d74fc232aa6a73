//! Creates conversations.

use crate::effects::impossible_members;
use crate::error::Result;
use crate::session::Session;
use parlour_protocol::{Action, ConversationId, UserId};
use parlour_store::{DirectState, PendingOp};

impl Session {
    /// Returns the direct conversation with another person; creates it if there is none.
    ///
    /// # Errors
    /// Fails if the server sent something else under the id of this conversation.
    pub fn create_p2p(&self, other: UserId) -> Result<ConversationId> {
        let me = self.context.store.account()?.user_id;
        let id = ConversationId::p2p(me, other);
        let creates_it = |pending: &PendingOp| {
            pending.op.conversation_id == id && matches!(pending.op.action, Action::Create { .. })
        };
        match self.context.store.direct_state(other)? {
            DirectState::ImpossibleMembers => return Err(impossible_members().into()),
            DirectState::Unknown if !self.context.store.pending_ops()?.iter().any(creates_it) => {
                self.submit(id, Action::create_p2p(other))?;
            }
            DirectState::Unknown | DirectState::Present => {}
        }
        Ok(id)
    }

    /// Creates a group with these members, under a new id, and returns the id.
    pub fn create_group(&self, title: &str, members: Vec<UserId>) -> Result<ConversationId> {
        let id = ConversationId(self.context.clock.id());
        self.submit(id, Action::create_group(title, members))?;
        Ok(id)
    }
}
