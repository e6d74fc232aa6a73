//! The changes that a transaction announces once it is committed.

use parlour_protocol::{Head, Page, Seq, SessionId, StreamId, UserId};
use std::sync::Arc;

/// A change in a commit that is announced to sockets and other servers.
#[derive(Debug, Clone)]
pub enum Change {
    /// Rows of a stream, for its followers.
    Rows(Page),
    /// Rows of a stream that may wait for its next rows, or for a few seconds.
    Deferrable(Page),
    /// Rows for everybody but one user, because they lack something that this user's other devices need. That user's
    /// sockets get only the head, and pull.
    RowsExceptTo {
        /// The user.
        caller: UserId,
        /// The rows.
        page: Page,
        /// Whether the rows may wait, as in [`Change::Deferrable`].
        can_wait: bool,
    },
    /// A stream moved, but its rows are not sent: its followers get only the head, and pull.
    Moved(Head),
    /// A user joined a conversation. Their sockets follow it from now on, and see this message and later
    /// ones.
    Joined(UserId, StreamId, Seq),
    /// A user left a conversation. Their sockets no longer follow it.
    Left(UserId, StreamId),
    /// A user's session was revoked, and whether its device is to delete its local data. Its sockets close.
    Revoked(UserId, SessionId, bool),
    /// The database was restored: a new epoch has begun.
    Epoch {
        /// The previous epoch.
        previous: Arc<str>,
    },
}

impl Change {
    /// Returns whether the change may affect a session or the permissions of its user.
    pub fn affects_access(&self) -> bool {
        match self {
            Self::Revoked(..) | Self::Epoch { .. } => true,
            Self::Rows(page) => page.stream == StreamId::Directory,
            Self::Deferrable(_)
            | Self::RowsExceptTo { .. }
            | Self::Moved(_)
            | Self::Joined(..)
            | Self::Left(..) => false,
        }
    }
}
