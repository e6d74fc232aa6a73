//! What a transaction changed that others hear of once it is committed.

use parlour_protocol::{Head, Page, Seq, SessionId, StreamId, UserId};
use std::sync::Arc;

/// Something that a commit changed and that others should hear of.
#[derive(Debug, Clone)]
pub enum Change {
    /// Rows of a stream, for those who follow it.
    Rows(Page),
    /// The same, which may wait for the stream's next rows or a few seconds.
    Deferrable(Page),
    /// Rows that leave out something which a person's own devices need to know: their sockets are given the
    /// head, and ask.
    HeadOnly {
        /// Whose.
        by: UserId,
        /// The rows.
        page: Page,
        /// Whether they may wait, as in [`Change::Deferrable`].
        can_wait: bool,
    },
    /// A stream moved by more than is handed out: its followers are given the head, and ask.
    Moved(Head),
    /// A person joined a conversation: their sockets follow it from here on, and see this
    /// message and later ones.
    Joined(UserId, StreamId, Seq),
    /// A person left: their sockets must hear no more of it.
    Left(UserId, StreamId),
    /// A person's session was ended, and whether its device is to delete what it holds: its socket closes.
    Revoked(UserId, SessionId, bool),
    /// The database was put back: another epoch is true from here on than this one.
    Epoch {
        /// The one before.
        was: Arc<str>,
    },
}

impl Change {
    /// Whether it may change what a session lets its owner do.
    pub fn is_about_access(&self) -> bool {
        match self {
            Self::Revoked(..) | Self::Epoch { .. } => true,
            Self::Rows(page) => page.stream == StreamId::Directory,
            Self::Deferrable(_)
            | Self::HeadOnly { .. }
            | Self::Moved(_)
            | Self::Joined(..)
            | Self::Left(..) => false,
        }
    }
}
