//! One message as it is shown.

use crate::mirror::users::Person;
use parlour_markup::Block;
use parlour_protocol::{Count, ErrorCode, MessageId, Millis, Reason, Seq, UserId};
use serde::Serialize;

/// Where a message of one's own stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[serde(tag = "state", rename_all = "camelCase")]
pub enum Delivery {
    /// The server has it.
    Sent,
    /// It waits to be sent.
    Waiting,
    /// The server refused it.
    Refused {
        /// Why.
        code: ErrorCode,
        /// What exactly, where the code leaves it open.
        reason: Option<Reason>,
    },
}

/// A message on the screen. Its id never changes, so its row stays the same from Enter on.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct TimelineItem {
    /// The message's id.
    pub id: MessageId,
    /// Its position in the conversation; nothing while it waits.
    pub seq: Option<Seq>,
    /// Who wrote it.
    pub sender_id: UserId,
    /// The name of who wrote it.
    pub sender: String,
    /// Whether that is me.
    pub own: bool,
    /// What it says; empty once deleted.
    pub body: String,
    /// What its marks mean; nothing if it has none and is shown as it was written.
    pub blocks: Option<Vec<Block>>,
    /// When the server took it, or when I wrote it.
    pub sent_at: Millis,
    /// Whether it was edited.
    pub edited: bool,
    /// Whether it was deleted.
    pub deleted: bool,
    /// What it answers.
    pub reply_to: Option<Quote>,
    /// The people whom it mentions.
    pub mentions: Vec<Person>,
    /// Whether it mentions me, by name or with everybody.
    pub mentions_me: bool,
    /// What people think of it, the first kind first.
    pub reactions: Vec<ItemReaction>,
    /// Whether it is pinned to its conversation.
    pub pinned: bool,
    /// Whether I saved it for later.
    pub saved: bool,
    /// Whether the server has it, and the newest change of it.
    pub delivery: Delivery,
}

/// A message that another one answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct Quote {
    /// The id of the message that is answered.
    pub id: MessageId,
    /// Its position; nothing if it is not here.
    pub seq: Option<Seq>,
    /// Who wrote it; empty if it is not here.
    pub sender: String,
    /// Its beginning; empty if it was deleted or is not here.
    pub body: String,
    /// Whether it was deleted.
    pub deleted: bool,
}

/// One kind of reaction to a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct ItemReaction {
    /// One emoji.
    pub emoji: String,
    /// How many reacted so.
    pub count: Count,
    /// Whether I did.
    pub own: bool,
    /// The names of the first of them beside me.
    pub names: Vec<String>,
}

impl TimelineItem {
    /// A message that waits to be sent.
    pub fn waiting(id: MessageId, sender: (UserId, String), body: String, sent_at: Millis) -> Self {
        let (sender_id, sender) = sender;
        Self {
            id,
            seq: None,
            sender_id,
            sender,
            own: true,
            blocks: parlour_markup::parse(&body),
            body,
            sent_at,
            edited: false,
            deleted: false,
            reply_to: None,
            mentions: Vec::new(),
            mentions_me: false,
            reactions: Vec::new(),
            pinned: false,
            saved: false,
            delivery: Delivery::Waiting,
        }
    }
}
