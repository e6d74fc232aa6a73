//! What servers on one database tell each other.

use parlour_protocol::{ConversationId, StreamId, UserId};
use serde::{Deserialize, Serialize};

/// One thing that servers tell each other.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Hint {
    /// I listen; say who you are.
    Hello,
    /// I am there.
    Alive,
    /// A stream moved.
    Moved(StreamId),
    /// A person joined or left a conversation, or a session of theirs has ended.
    Access(UserId),
    /// A person came online here.
    Came(UserId),
    /// A person's last socket here is gone.
    Went(UserId),
    /// The database was put back, and is in a new epoch.
    Epoch,
    /// A person writes.
    Typing(ConversationId, UserId),
}

impl Hint {
    /// Whether it is of no use to servers that are not there yet.
    pub fn is_for_those_present(&self) -> bool {
        matches!(self, Self::Moved(..) | Self::Came(_) | Self::Went(_) | Self::Typing(..))
    }
}
