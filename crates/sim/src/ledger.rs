//! The record of everything that was accepted and must not be lost.

use parlour_protocol::{ConversationId, MessageId, Millis, OpId, UserId};
use std::collections::{BTreeMap, BTreeSet};

/// A message that a device accepted.
pub struct SentMessage {
    /// The index of the device.
    pub client: usize,
    /// The conversation.
    pub conversation: ConversationId,
    /// The text, as the author last edited it.
    pub body: String,
    /// Whether the author deleted it.
    pub is_deleted: bool,
    /// Whether a later change of it was refused and discarded.
    pub is_refused: bool,
    /// When the newest member known to the author joined. `None` if the message was written online,
    /// or if the author has agreed since that it is sent anyway.
    pub members_until: Option<Millis>,
    /// Whether it was sent, so that a server may have it.
    pub is_sent: bool,
}

/// The record of everything that was accepted.
#[derive(Default)]
pub struct Ledger {
    /// The messages by id.
    pub messages: BTreeMap<MessageId, SentMessage>,
    /// The ids of the messages, in the order in which they were sent.
    pub order: Vec<MessageId>,
    /// The users whom each device's user added to a conversation.
    pub added: BTreeSet<(usize, ConversationId, UserId)>,
    /// The drafts.
    pub drafts: Drafts,
    /// Number of actions.
    pub actions: u64,
    /// Whether users send long messages.
    pub sends_long_messages: bool,
}

impl Ledger {
    /// Records that an op was sent, so that a server may have it.
    pub fn record_sent(&mut self, id: OpId) {
        if let Some(message) = self.messages.get_mut(&MessageId(id.0)) {
            message.is_sent = true;
        }
    }
}

/// The parts of drafts, as numbers in brackets, that no device has replaced after showing them.
#[derive(Default)]
pub struct Drafts(BTreeMap<(UserId, ConversationId), BTreeSet<String>>);

impl Drafts {
    /// Records that a user replaced the draft that was shown.
    pub fn replaced(
        &mut self,
        user: UserId,
        conversation: ConversationId,
        shown: &str,
        new: Option<String>,
    ) {
        let parts = self.0.entry((user, conversation)).or_default();
        parts.retain(|written| !shown.contains(written));
        parts.extend(new);
    }

    /// Returns the parts that a user's draft in a conversation must still contain.
    pub fn parts_in(&self, user: UserId, conversation: ConversationId) -> BTreeSet<String> {
        self.0.get(&(user, conversation)).cloned().unwrap_or_default()
    }
}
