//! What is asked of a conversation's messages, and what is answered.

use super::item::TimelineItem;
use parlour_protocol::{ConversationId, Seq};
use serde::{Deserialize, Serialize};

/// Which stretch of a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[serde(tag = "at", content = "seq", rename_all = "camelCase")]
pub enum Position {
    /// The newest messages, and what waits.
    Newest,
    /// Those before this one.
    Before(Seq),
    /// Those after this one.
    After(Seq),
    /// This one, with half of the limit to each side.
    Around(Seq),
}

/// Where a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct MessagePlace {
    /// The conversation that the message is in.
    pub conversation_id: ConversationId,
    /// Its position there.
    pub seq: Seq,
}

/// A message that was saved for later.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct SavedItem {
    /// The conversation that the message is in.
    pub conversation_id: ConversationId,
    /// The message.
    pub item: TimelineItem,
}

/// A stretch of a conversation, oldest first.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct TimelinePage {
    /// The messages.
    pub items: Vec<TimelineItem>,
    /// Whether nothing older exists.
    pub at_oldest: bool,
    /// Whether nothing newer exists.
    pub at_newest: bool,
    /// Whether older messages exist that are not here yet.
    pub missing_older: bool,
}
