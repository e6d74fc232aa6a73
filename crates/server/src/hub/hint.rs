//! The messages between servers on one database.

use parlour_protocol::{Availability, ConversationId, StreamId, UserId};
use serde::{Deserialize, Serialize};

/// A message from one server to the others.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Hint {
    /// The sender has started listening, and reports who is online on it; the others should do the same.
    Hello,
    /// The sender is running.
    Alive,
    /// A stream moved.
    Moved(StreamId),
    /// A user joined or left a conversation, or one of their sessions ended.
    AccessChanged(UserId),
    /// The combined state of a user's devices on the sender; offline if there are none.
    Presence(UserId, Availability),
    /// The database was restored and is in a new epoch.
    Epoch,
    /// A user is typing in a conversation.
    Typing(ConversationId, UserId),
}

impl Hint {
    /// Returns whether servers that start later do not need the hint.
    pub fn is_ephemeral(&self) -> bool {
        matches!(self, Self::Moved(..) | Self::Presence(..) | Self::Typing(..))
    }
}
