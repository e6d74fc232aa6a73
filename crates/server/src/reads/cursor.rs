//! The position of a mirror.

use parlour_protocol::StreamId;

/// The position of a mirror in a stream.
pub struct Cursor {
    /// The stream.
    pub stream: StreamId,
    /// The epoch in which the cursor is valid.
    pub epoch: String,
    /// The term of the caller's membership in which the cursor is valid; 0 for streams other than conversations.
    pub term: i64,
    /// The last change up to which the mirror has everything.
    pub since: i64,
}
