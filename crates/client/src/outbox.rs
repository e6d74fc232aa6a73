//! The ops that wait to be sent or were refused, as the outbox view shows them.

use parlour_protocol::{Action, ConversationId, ErrorCode, MessageFile, Millis, OpId};
use parlour_store::{Delivery, OpState, OpenOp};
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
pub(crate) fn is_user_action(open: &OpenOp) -> bool {
    !open.op.action.rules().is_automatic
}

impl From<OpenOp> for OutboxItem {
    fn from(open: OpenOp) -> Self {
        let body = open.op.action.rules().content.text().map(String::from);
        let files = match &open.op.action {
            Action::Send { files, .. } => files.clone(),
            _ => Vec::new(),
        };
        Self {
            id: open.op.id,
            conversation_id: open.op.conversation_id,
            action: open.op.action,
            body,
            files,
            created_at: open.created_at,
            delivery: match open.state {
                OpState::Waiting => Delivery::Waiting,
                OpState::Refused => Delivery::Refused {
                    code: open.code.unwrap_or(ErrorCode::Unknown),
                    reason: open.reason,
                },
            },
        }
    }
}
