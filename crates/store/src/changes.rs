//! What a committed write changed.

use parlour_protocol::ConversationId;
use std::collections::BTreeSet;

/// What a committed write changed, for those who show it. Only a store can make one, after its
/// commit, so nothing that was rolled back can be announced.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Changes {
    /// Conversations whose messages, members or place in the list changed.
    pub conversations: BTreeSet<ConversationId>,
    /// People were added or renamed, or cannot sign in any more.
    pub people: bool,
    /// Something was chosen on another device.
    pub choices: bool,
    /// The outbox changed.
    pub outbox: bool,
    /// Conversations in which something waits to be sent again that the server had lost.
    pub offered: BTreeSet<ConversationId>,
}

impl Changes {
    /// Changes of one conversation.
    pub(crate) fn of(conversation: ConversationId) -> Self {
        Self { conversations: [conversation].into(), ..Self::default() }
    }

    /// And of the outbox.
    pub(crate) fn with_outbox(mut self) -> Self {
        self.outbox = true;
        self
    }

    /// Adds another write's changes, so that a burst is told once.
    pub fn merge(&mut self, other: Self) {
        self.conversations.extend(other.conversations);
        self.people |= other.people;
        self.choices |= other.choices;
        self.outbox |= other.outbox;
        self.offered.extend(other.offered);
    }

    /// Whether there is nothing to tell.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
