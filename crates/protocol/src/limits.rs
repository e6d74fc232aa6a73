//! Names and bounds that both ends check; the server's answer is the one that counts.

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
