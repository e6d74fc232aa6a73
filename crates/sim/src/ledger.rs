//! What was accepted, which must be found again.

use parlour_protocol::{ConversationId, MessageId, UserId};
use std::collections::{BTreeMap, BTreeSet};

/// What one device's user was told is kept, in the order in which they said it.
pub struct Said {
    /// Which device.
    pub client: usize,
    /// Where.
    pub conversation: ConversationId,
    /// What it says now, as far as its author decided.
    pub body: String,
    /// Whether its author took it back.
    pub is_deleted: bool,
    /// Whether a later change of it was refused and given up.
    pub is_refused: bool,
}

/// Everything that was accepted.
#[derive(Default)]
pub struct Ledger {
    /// By id.
    pub said: BTreeMap<MessageId, Said>,
    /// The same, in order.
    pub order: Vec<MessageId>,
    /// What was being written.
    pub drafts: Drafts,
    /// How many things were done.
    pub deeds: u64,
    /// Whether people say much at once.
    pub is_wordy: bool,
}

/// What was written and not replaced by somebody who saw it, as numbers in brackets.
#[derive(Default)]
pub struct Drafts(BTreeMap<(UserId, ConversationId), BTreeSet<String>>);

impl Drafts {
    /// Somebody replaced what they were shown.
    pub fn replaced(
        &mut self,
        user: UserId,
        place: ConversationId,
        shown: &str,
        new: Option<String>,
    ) {
        let alive = self.0.entry((user, place)).or_default();
        alive.retain(|written| !shown.contains(written));
        alive.extend(new);
    }

    /// What is to be found still of what a person wrote in a conversation.
    pub fn of(&self, user: UserId, place: ConversationId) -> BTreeSet<String> {
        self.0.get(&(user, place)).cloned().unwrap_or_default()
    }
}
