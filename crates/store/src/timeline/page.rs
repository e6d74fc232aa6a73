//! The parameters and results of reading a conversation's messages.

use super::item::TimelineItem;
use parlour_protocol::{ConversationId, Seq};
use serde::{Deserialize, Serialize};

/// The part of a conversation to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[serde(tag = "at", content = "seq", rename_all = "camelCase")]
pub enum Position {
    /// The newest messages, and those that wait.
    Newest,
    /// The messages before this one.
    Before(Seq),
    /// The messages after this one.
    After(Seq),
    /// This message, with half of the limit on each side.
    Around(Seq),
}

/// The position of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct MessagePosition {
    /// The conversation that the message is in.
    pub conversation_id: ConversationId,
    /// Its position in the conversation.
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

/// A page of a conversation, oldest message first.
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
    /// Whether older messages exist that are not present yet.
    pub missing_older: bool,
}
