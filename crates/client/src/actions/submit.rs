//! Puts actions into the outbox, and announces them to the engine and the window.

use crate::context::Context;
use crate::drafts;
use crate::effects::{impossible_members, queued};
use crate::error::Result;
use crate::notice::Notice;
use crate::session::Session;
use parlour_protocol::{Action, ConversationId, LocalReason, Millis, Op, OpId, Subject};
use parlour_store::{Changes, OpState, PendingOp};
use parlour_sync::Input;

impl Session {
    /// Queues an action that needs nothing besides the op: reactions, pins, changes to a group's members,
    /// and changes to the user's own conversation list.
    ///
    /// # Errors
    /// Fails if the action has a method of its own, which does more
    /// ([`Rules::needs_own_command`](parlour_protocol::Rules)), if it saves a message that still waits to
    /// be sent, because the saved message must exist to be found later, or if no server would accept it.
    pub fn act(&self, conversation: ConversationId, action: Action) -> Result<()> {
        let rules = action.rules();
        if rules.needs_own_command {
            return Err(LocalReason::HasOwnCommand.into());
        }
        if let Subject::Saved(message) = rules.subject
            && self.find_message(message)?.is_none()
        {
            return Err(LocalReason::NotSentYet.into());
        }
        self.submit(conversation, action)
    }

    /// Puts an action into the outbox, replacing one that it makes obsolete.
    pub(crate) fn submit(&self, conversation: ConversationId, action: Action) -> Result<()> {
        let id = OpId(self.context.clock.id());
        let op = Op { id, conversation_id: conversation, action: action.normalized() };
        self.check(&op)?;
        let changes = self.context.store.enqueue(&op, self.now())?;
        // A replaced op is gone from the lane, so this is more than an append.
        match self.context.store.pending_op(op.id)? {
            Some(pending) => self.lane_changed(&pending, changes),
            None => Ok(()),
        }
    }

    /// Checks, before an op is stored, that the server would not refuse it.
    pub(super) fn check(&self, op: &Op) -> Result<()> {
        op.check_ids(self.context.store.account()?.user_id)?;
        Ok(op.check_texts()?)
    }

    /// Checks that the server did not send impossible members for a direct conversation.
    pub(super) fn check_members_possible(&self, conversation: ConversationId) -> Result<()> {
        if self.context.store.conversation_matches_id(conversation)? {
            return Ok(());
        }
        Err(impossible_members().into())
    }

    /// Notifies the engine and the window of an op that was appended to its lane.
    pub(super) fn queue(&self, op: &Op, changes: Changes) {
        announce(&self.context, changes);
        self.send(Input::Queued(queued(&waiting(op, self.now()))));
    }

    /// Notifies the engine and the window that an op's lane changed in another way than by an append.
    pub(super) fn lane_changed(&self, pending: &PendingOp, changes: Changes) -> Result<()> {
        announce(&self.context, changes);
        drafts::send_lane_changed(&self.context.inputs, queued(pending).lane);
        Ok(())
    }
}

/// Notifies the window of changes, and that the number of waiting ops may have changed.
fn announce(context: &Context, changes: Changes) {
    context.notices.changed(changes);
    context.notices.send(Notice::Status);
}

fn waiting(op: &Op, created_at: Millis) -> PendingOp {
    let (op, state, tried) = (op.clone(), OpState::Waiting, false);
    PendingOp { op, created_at, state, tried, code: None, reason: None }
}
