//! What waits to be sent or was refused, as the outbox view shows it.

use parlour_protocol::{Action, ConversationId, ErrorCode, Millis, OpId};
use parlour_store::{Delivery, OpState, OpenOp};
use serde::Serialize;

/// Something that waits or was refused, for the outbox view.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct OutboxItem {
    /// The op's id; of a message, the message's.
    pub id: OpId,
    /// The conversation that it is about.
    pub conversation_id: ConversationId,
    /// What it does.
    pub action: Action,
    /// What it says, if it says something.
    pub body: Option<String>,
    /// When the user did it.
    pub created_at: Millis,
    /// Whether it waits or was refused, and why.
    pub delivery: Delivery,
}

/// Whether the user did it and waits for it: read positions and drafts are the app's own doing.
pub(crate) fn is_user_action(open: &OpenOp) -> bool {
    !open.op.action.rules().is_automatic
}

impl From<OpenOp> for OutboxItem {
    fn from(open: OpenOp) -> Self {
        let body = open.op.action.rules().says.text().map(String::from);
        Self {
            id: open.op.id,
            conversation_id: open.op.conversation_id,
            action: open.op.action,
            body,
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
