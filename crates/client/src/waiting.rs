//! What waits to be sent or was refused, as the outbox view shows it.

use crate::Result;
use crate::session::Session;
use parlour_protocol::{Action, ConversationId, ErrorCode, Millis, OpId};
use parlour_store::{Delivery, OpState, OpenOp};
use serde::Serialize;

/// Something that waits or was refused, for the outbox view.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct OutboxItem {
    /// Which.
    pub id: OpId,
    /// Where it happens.
    pub conversation_id: ConversationId,
    /// What it does: the action's name on the wire, such as "send" or "addMember".
    pub action: String,
    /// What it says, if it says something.
    pub body: Option<String>,
    /// When the user did it.
    pub created_at: Millis,
    /// Where it stands.
    pub delivery: Delivery,
}

impl Session {
    /// What waits or was refused, in the order in which it was done.
    pub fn outbox(&self) -> Result<Vec<OutboxItem>> {
        let ops = self.parts.store.open_ops()?;
        Ok(ops.into_iter().filter(is_deed).map(outbox_item).collect())
    }
}

/// Read positions and drafts are the app's own doing, nothing that a user waits for.
pub(crate) fn is_deed(open: &OpenOp) -> bool {
    !matches!(open.op.action, Action::Read { .. } | Action::Draft { .. })
}

fn outbox_item(open: OpenOp) -> OutboxItem {
    let (action, body) = match open.op.action {
        Action::Create { title, .. } => ("create", Some(title)),
        Action::Send { body, .. } => ("send", Some(body)),
        Action::Edit { body, .. } => ("edit", Some(body)),
        Action::Delete { .. } => ("delete", None),
        Action::Read { .. } => ("read", None),
        Action::AddMember { .. } => ("addMember", None),
        Action::Leave => ("leave", None),
        Action::React { emoji, .. } => ("react", Some(emoji)),
        Action::PinMessage { .. } => ("pinMessage", None),
        Action::RemoveMember { .. } => ("removeMember", None),
        Action::SetRole { .. } => ("setRole", None),
        Action::Transfer { .. } => ("transfer", None),
        Action::Rename { title } => ("rename", Some(title)),
        Action::SetTopic { topic } => ("setTopic", Some(topic)),
        Action::SetHistory { .. } => ("setHistory", None),
        Action::SetRemoval { .. } => ("setRemoval", None),
        Action::Archive { .. } => ("archive", None),
        Action::Mute { .. } => ("mute", None),
        Action::Pin { .. } => ("pin", None),
        Action::Hide { .. } => ("hide", None),
        Action::MarkUnread { .. } => ("markUnread", None),
        Action::Draft { .. } => ("draft", None),
        Action::Save { .. } => ("save", None),
        Action::Setting { .. } => ("setting", None),
    };
    OutboxItem {
        id: open.op.id,
        conversation_id: open.op.conversation_id,
        action: action.into(),
        body,
        created_at: open.created_at,
        delivery: match open.state {
            OpState::Waiting => Delivery::Waiting,
            OpState::Refused => Delivery::Refused {
                code: open.code.unwrap_or(ErrorCode::Unknown),
                reason: open.reason.unwrap_or_default(),
            },
        },
    }
}
