//! What goes over the wire between a Parlour client and server, and nothing else.
//!
//! Both ends use these types, so a field cannot be spelt two ways. Names are camelCase in JSON.
//! The rules that give them meaning (streams, cursors, epochs, terms) are in `docs/protocol.md`.

mod api;
mod error;
mod ids;
mod ops;
mod rows;
mod socket;

pub use api::*;
pub use error::*;
pub use ids::*;
pub use ops::*;
pub use rows::*;
pub use socket::*;

/// Names and bounds that both ends check; the server's answer is the one that counts.
pub mod limits {
    /// Longest message body, in bytes of UTF-8.
    pub const BODY_BYTES: usize = 64 * 1024;
    /// Longest group title, in characters.
    pub const TITLE_CHARS: usize = 100;
    /// Longest username, in characters; the shortest is 1.
    pub const USERNAME_CHARS: usize = 50;
    /// Shortest password, in characters.
    pub const PASSWORD_CHARS: usize = 8;
    /// Longest password, in bytes of UTF-8: bcrypt reads no further (its authors' limit), and
    /// cutting silently would let a different password in.
    pub const PASSWORD_BYTES: usize = 72;
    /// Most people named when a group is created.
    pub const CREATE_MEMBERS: usize = 500;
    /// Most rows in one page of changes or history.
    pub const PAGE_ROWS: i64 = 1000;
    /// Largest request body that the server reads, in bytes.
    pub const REQUEST_BYTES: usize = 512 * 1024;
}
