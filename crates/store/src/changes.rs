//! The changes of a committed write.

use parlour_protocol::{ConversationId, MessageId, Seq, UserId};
use std::collections::BTreeSet;

/// The changes of a committed write, for the parts of the program that display it. Only a store can
/// create one, after its commit, so nothing that was rolled back can be announced.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Changes {
    /// Conversations whose messages, members or position in the list changed.
    pub conversations: BTreeSet<ConversationId>,
    /// Whether people were added or renamed, or can no longer sign in, or the server was renamed.
    pub people: bool,
    /// Whether the statuses of people changed.
    pub statuses: bool,
    /// Whether pictures of people arrived.
    pub pictures: bool,
    /// Whether files arrived, or those in a composer changed.
    pub files: bool,
    /// Whether a synced setting was changed on another device.
    pub choices: bool,
    /// Whether the outbox changed.
    pub outbox: bool,
    /// Conversations with messages that the server had lost and that wait to be sent again.
    pub requeued: BTreeSet<ConversationId>,
    /// Messages and reactions that were received for the first time, in the order of their arrival.
    pub new_items: Vec<NewItem>,
    /// Whether another session of this user read or wrote something.
    pub other_session_active: bool,
}

impl Changes {
    /// Returns the changes of one conversation.
    pub(crate) fn of_conversation(conversation: ConversationId) -> Self {
        Self { conversations: [conversation].into(), ..Self::default() }
    }

    /// Adds that the outbox changed.
    pub(crate) fn with_outbox(mut self) -> Self {
        self.outbox = true;
        self
    }

    /// Adds another write's changes, so that a burst is announced once.
    pub fn merge(&mut self, other: Self) {
        self.conversations.extend(other.conversations);
        self.people |= other.people;
        self.statuses |= other.statuses;
        self.pictures |= other.pictures;
        self.files |= other.files;
        self.choices |= other.choices;
        self.outbox |= other.outbox;
        self.requeued.extend(other.requeued);
        self.new_items.extend(other.new_items);
        self.other_session_active |= other.other_session_active;
    }

    /// Returns whether nothing changed.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// A message or reaction that this device received for the first time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewItem {
    /// The conversation.
    pub conversation: ConversationId,
    /// The message.
    pub message: MessageId,
    /// The message's position.
    pub seq: Seq,
    /// The number of the change of the conversation's stream that contained it.
    pub changed_seq: i64,
    /// The reaction; `None` if the message itself is new.
    pub reaction: Option<NewReaction>,
}

/// Another person's reaction to a message of this user.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct NewReaction {
    /// The person.
    pub by: UserId,
    /// The emoji.
    pub emoji: String,
}
