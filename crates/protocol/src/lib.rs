//! What goes over the wire between a Parlour client and server, and nothing else.
//!
//! Both ends use these types, so a field cannot be spelt two ways. Names are camelCase in JSON.
//! The rules that give them meaning (streams, cursors, epochs, terms) are in `docs/protocol.md`.

/// An enum of words that are the same in SQL, JSON and TypeScript.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
        #[cfg_attr(feature = "ipc", derive(specta::Type))]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        #[serde(rename_all = "lowercase")]
        pub enum $name { $($(#[$variant_doc])* $variant,)* }

        impl $name {
            /// The word in SQL and JSON.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }

            /// Reads the word that [`Self::as_str`] gives.
            pub fn parse(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)* _ => None }
            }
        }
    };
}

mod api;
mod check;
mod digest;
mod error;
#[cfg(any(test, fuzzing))]
#[doc(hidden)]
pub mod fuzz;
mod ids;
mod ops;
mod rows;
mod rules;
mod size;
mod socket;
pub mod text;

pub use api::*;
pub use check::is_made;
pub use digest::{Digester, RowsDigester, row_digest, rows_digest};
pub use error::*;
pub use ids::*;
pub use ops::*;
pub use rows::*;
pub use rules::{Audience, Coalesces, Echo, Memory, Rules, Subject};
pub use size::{row_bytes, rows_fit};
pub use socket::*;

/// Names and bounds that both ends check; the server's answer is the one that counts.
pub mod limits {
    /// Longest message body, in bytes of UTF-8.
    pub const BODY_BYTES: usize = 64 * 1024;
    /// Longest group title, in characters.
    pub const TITLE_CHARS: usize = 100;
    /// Longest topic of a group, in characters.
    pub const TOPIC_CHARS: usize = 500;
    /// Most people named in one message.
    pub const MENTIONS: usize = 100;
    /// Longest emoji, in bytes of UTF-8: the longest sequences of Unicode are of families and flags.
    pub const EMOJI_BYTES: usize = 64;
    /// Most kinds of reactions to one message.
    pub const REACTIONS: usize = 50;
    /// Up to so many members see how far each of them has read.
    pub const READS_SHOWN_MEMBERS: i64 = 100;
    /// Above so many members a conversation is large: joins and reactions reach its members a
    /// little later and together, and nobody is named with a reaction.
    pub const LARGE_MEMBERS: i64 = 1000;
    /// Longest name of a setting, in bytes.
    pub const SETTING_NAME_BYTES: usize = 64;
    /// Longest value of a setting, in bytes.
    pub const SETTING_BYTES: usize = 4096;
    /// Most settings of one person.
    pub const SETTINGS: i64 = 200;
    /// Longest username, in characters; the shortest is 1.
    pub const USERNAME_CHARS: usize = 50;
    /// Shortest password, in characters.
    pub const PASSWORD_CHARS: usize = 8;
    /// Longest password, in bytes of UTF-8: bcrypt reads no further (its authors' limit), and
    /// cutting silently would let a different password in. Counted once it is normalised (RFC 8265).
    pub const PASSWORD_BYTES: usize = 72;
    /// Most people named when a group is created.
    pub const CREATE_MEMBERS: usize = 500;
    /// Most rows in one page of changes or history.
    pub const PAGE_ROWS: i64 = 1000;
    /// Most bytes of rows, as JSON, in one answer about streams: changes, a pull, a beginning, a state,
    /// history. One change that is larger by itself comes alone.
    pub const PAGE_BYTES: usize = 4 * 1024 * 1024;
    /// Fewest bytes of rows that a client can ask for.
    pub const PAGE_BYTES_LEAST: usize = 64 * 1024;
    /// Most bytes of one row as JSON: a message of the longest body, each byte of it written as six
    /// (`\u0001`), with everybody meant and every kind of reaction.
    pub const ROW_BYTES: usize = 640 * 1024;
    /// Most bytes of one frame of the socket; what is larger becomes a hint.
    pub const FRAME_BYTES: usize = 1024 * 1024;
    /// Most heads in one hint.
    pub const HINT_HEADS: usize = 1000;
    /// Largest answer that a client reads, unpacked, and largest frame: many times what a server sends,
    /// since the longest change of an earlier server's data has to pass.
    pub const ANSWER_BYTES: usize = 16 * PAGE_BYTES;
    /// Most streams in one pull.
    pub const PULL_STREAMS: usize = 100;
    /// Largest request body that the server reads, in bytes.
    pub const REQUEST_BYTES: usize = 512 * 1024;
}
