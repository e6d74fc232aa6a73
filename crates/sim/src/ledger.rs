//! What was accepted, which must be found again.

use parlour_protocol::{ConversationId, MessageId, Millis, OpId, UserId};
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
    /// When the newest member joined whom its author could know of, if it was written without the server and its
    /// author did not say since that it is to go anyway.
    pub members_until: Option<Millis>,
    /// Whether a server may have it.
    pub is_out: bool,
}

/// Everything that was accepted.
#[derive(Default)]
pub struct Ledger {
    /// By id.
    pub said: BTreeMap<MessageId, Said>,
    /// The same, in order.
    pub order: Vec<MessageId>,
    /// Whom each device's user wanted to be in a conversation.
    pub added: BTreeSet<(usize, ConversationId, UserId)>,
    /// What was being written.
    pub drafts: Drafts,
    /// How many things were done.
    pub actions: u64,
    /// Whether people say much at once.
    pub is_wordy: bool,
}

impl Ledger {
    /// Notes that a server may have it.
    pub fn went_out(&mut self, id: OpId) {
        if let Some(said) = self.said.get_mut(&MessageId(id.0)) {
            said.is_out = true;
        }
    }
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
