//! The ops that wait to be sent or were refused, as the outbox view shows them.

use parlour_protocol::{Action, ConversationId, ErrorCode, MessageFile, Millis, OpId};
use parlour_store::{Delivery, OpState, PendingOp};
use serde::Serialize;

/// An op that waits to be sent or was refused, for the outbox view.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct OutboxItem {
    /// The id of the op; for a message, also the message's id.
    pub id: OpId,
    /// The conversation to which the op belongs.
    pub conversation_id: ConversationId,
    /// The action.
    pub action: Action,
    /// The text of the action, if it has one.
    pub body: Option<String>,
    /// The files of a message.
    pub files: Vec<MessageFile>,
    /// The time at which the user did it.
    pub created_at: Millis,
    /// Whether the op waits or was refused, and why.
    pub delivery: Delivery,
}

/// Returns whether the user did it and waits for it: read positions and drafts are sent by the app
/// itself.
pub(crate) fn is_user_action(pending: &PendingOp) -> bool {
    !pending.op.action.rules().is_automatic
}

impl From<PendingOp> for OutboxItem {
    fn from(pending: PendingOp) -> Self {
        let body = pending.op.action.rules().content.text().map(String::from);
        let files = match &pending.op.action {
            Action::Send { files, .. } => files.clone(),
            _ => Vec::new(),
        };
        Self {
            id: pending.op.id,
            conversation_id: pending.op.conversation_id,
            action: pending.op.action,
            body,
            files,
            created_at: pending.created_at,
            delivery: match pending.state {
                OpState::Waiting => Delivery::Waiting,
                OpState::Refused => Delivery::Refused {
                    code: pending.code.unwrap_or(ErrorCode::Unknown),
                    reason: pending.reason,
                },
            },
        }
    }
}
