//! The messages between servers on one database.

use parlour_protocol::{ConversationId, StreamId, UserId};
use serde::{Deserialize, Serialize};

/// A message from one server to the others.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Hint {
    /// The sender has started to listen; the others should report who is online on them.
    Hello,
    /// The sender is running.
    Alive,
    /// A stream moved.
    Moved(StreamId),
    /// A user joined or left a conversation, or one of their sessions ended.
    Access(UserId),
    /// A user came online on the sender.
    Came(UserId),
    /// A user's last socket on the sender is gone.
    Went(UserId),
    /// The database was restored and is in a new epoch.
    Epoch,
    /// A user is typing in a conversation.
    Typing(ConversationId, UserId),
}

impl Hint {
    /// Returns whether the hint is useless to servers that are not running yet.
    pub fn is_useless_later(&self) -> bool {
        matches!(self, Self::Moved(..) | Self::Came(_) | Self::Went(_) | Self::Typing(..))
    }
}
