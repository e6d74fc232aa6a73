//! How an action gets into the outbox, and how engine and window hear of it.

use crate::context::Context;
use crate::drafts;
use crate::effects::{queued, untrusted};
use crate::error::Result;
use crate::notice::Notice;
use crate::session::Session;
use parlour_protocol::{Action, ConversationId, LocalReason, Millis, Op, OpId, Subject};
use parlour_store::{Changes, OpState, OpenOp};
use parlour_sync::Input;

impl Session {
    /// Does what the user does in a conversation, as far as the action says all of it: reacting, pinning, who is in
    /// a group, what one's own list shows.
    ///
    /// # Errors
    /// More belongs to it ([`Rules::needs_own_command`](parlour_protocol::Rules)), and another method does it; it is about
    /// a message that still waits to be sent, where there has to be one to be found again; or no server would take
    /// it.
    pub fn act(&self, conversation: ConversationId, action: Action) -> Result<()> {
        let rules = action.rules();
        if rules.needs_own_command {
            return Err(LocalReason::NotByItself.into());
        }
        if let Subject::Saved(message) = rules.subject
            && self.find_message(message)?.is_none()
        {
            return Err(LocalReason::StillWaits.into());
        }
        self.submit(conversation, action)
    }

    /// Puts an action into the outbox, in the place of one that it makes void.
    pub(super) fn submit(&self, conversation: ConversationId, action: Action) -> Result<()> {
        let id = OpId(self.context.clock.id());
        let op = Op { id, conversation_id: conversation, action: action.normalized() };
        self.check(&op)?;
        let changes = self.context.store.enqueue(&op, self.now())?;
        // The op that it replaced is gone from the lane.
        match self.context.store.open_op(op.id)? {
            Some(open) => self.reload(&open, changes),
            None => Ok(()),
        }
    }

    /// Refuses what the server would refuse, before it is kept.
    pub(super) fn check(&self, op: &Op) -> Result<()> {
        op.check_ids(self.context.store.account()?.user_id)?;
        Ok(op.check_texts()?)
    }

    /// Refuses a direct conversation of which the server says what cannot be.
    pub(super) fn check_trusted(&self, conversation: ConversationId) -> Result<()> {
        if self.context.store.is_trusted(conversation)? {
            return Ok(());
        }
        Err(untrusted().into())
    }

    /// Announces an op that was appended to its lane.
    pub(super) fn queue(&self, op: &Op, changes: Changes) {
        announce(&self.context, changes);
        self.send(Input::Queued(queued(&waiting(op, self.now()))));
    }

    /// Announces that the lane of an op changed otherwise than by growing.
    pub(super) fn reload(&self, open: &OpenOp, changes: Changes) -> Result<()> {
        announce(&self.context, changes);
        drafts::reload(&self.context.inputs, queued(open).lane);
        Ok(())
    }
}

/// Tells the window of changes and of what waits.
fn announce(context: &Context, changes: Changes) {
    context.notices.changed(changes);
    context.notices.tell(Notice::Status);
}

fn waiting(op: &Op, created_at: Millis) -> OpenOp {
    let (op, state, tried) = (op.clone(), OpState::Waiting, false);
    OpenOp { op, created_at, state, tried, code: None, reason: None }
}
