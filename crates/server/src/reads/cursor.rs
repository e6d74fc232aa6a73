//! How far a mirror is.

use parlour_protocol::StreamId;

/// Where a mirror stands in a stream.
pub struct Cursor {
    /// Which.
    pub stream: StreamId,
    /// In which state of the server it counts.
    pub epoch: String,
    /// One's join of the conversation that it counts for; 0 for other streams.
    pub term: i64,
    /// Up to which change the mirror has everything.
    pub since: i64,
}
