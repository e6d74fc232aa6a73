//! One message as it is shown.

use crate::mirror::users::{self, Person};
use parlour_markup::{Block, Names};
use parlour_protocol::{Count, ErrorCode, MessageFile, MessageId, Millis, Reason, Seq, UserId};
use rusqlite::Connection;
use serde::Serialize;

/// The delivery state of one of the user's own messages.
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
        /// The code of the refusal.
        code: ErrorCode,
        /// The exact reason of the refusal, where the code is not specific enough.
        reason: Option<Reason>,
    },
}

/// A message as it is displayed. Its id never changes, so its row stays the same from the moment Enter is
/// pressed.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct TimelineItem {
    /// The message's id.
    pub id: MessageId,
    /// Its position in the conversation; `None` while it waits to be sent.
    pub seq: Option<Seq>,
    /// The sender's id.
    pub sender_id: UserId,
    /// The sender's name.
    pub sender: String,
    /// Whether the user is the sender.
    pub own: bool,
    /// The text; empty once deleted.
    pub body: String,
    /// The parsed markup and mentions; `None` if the text has none and is displayed as it was written.
    pub blocks: Option<Vec<Block>>,
    /// The time at which the server accepted it or, if it waits, when it was written.
    pub sent_at: Millis,
    /// Whether it was edited.
    pub edited: bool,
    /// Whether it was deleted.
    pub deleted: bool,
    /// The message that it replies to.
    pub reply_to: Option<Quote>,
    /// The people whom it mentions.
    pub mentions: Vec<Person>,
    /// Whether it mentions the user, by name or together with everybody.
    pub mentions_me: bool,
    /// Its files.
    pub files: Vec<MessageFile>,
    /// Whether it mentions everybody.
    #[serde(skip)]
    pub(crate) mentions_all: bool,
    /// The reactions to it, by kind, the first kind first.
    pub reactions: Vec<ItemReaction>,
    /// Whether it is pinned to its conversation.
    pub pinned: bool,
    /// Whether the user saved it for later.
    pub saved: bool,
    /// The delivery state of the message and of its newest change.
    pub delivery: Delivery,
}

/// A message that another one replies to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct Quote {
    /// The message's id.
    pub id: MessageId,
    /// Its position in the conversation; `None` if it is not present.
    pub seq: Option<Seq>,
    /// The name of its sender; empty if it is not present.
    pub sender: String,
    /// The beginning of its text; empty if it was deleted or is not present.
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
    /// Number of people who reacted so.
    pub count: Count,
    /// Whether the user is one of them.
    pub own: bool,
    /// The names of the first of them, without the user.
    pub names: Vec<String>,
}

impl TimelineItem {
    /// Marks the mentions in the text, for which the people in [`mentions`](Self::mentions) have to be known.
    pub(super) fn mark_mentions(&mut self, conn: &Connection) {
        if self.mentions.is_empty() && !self.mentions_all {
            return;
        }
        let mut names = Names::new(self.mentions_all);
        for person in &self.mentions {
            if let Ok(Some(row)) = users::find(conn, person.id) {
                names.add(&row.username, &row.profile.display_name, person.id);
            }
        }
        self.blocks = parlour_markup::mark_mentions(&self.body, self.blocks.take(), &names);
    }

    /// Creates a message that waits to be sent.
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
            files: Vec::new(),
            mentions_all: false,
            reactions: Vec::new(),
            pinned: false,
            saved: false,
            delivery: Delivery::Waiting,
        }
    }
}
