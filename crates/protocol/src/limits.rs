//! Limits that both ends check; the server's decision counts.

/// Longest message body, in bytes of UTF-8.
pub const BODY_BYTES: usize = 64 * 1024;
/// Longest group title, in characters.
pub const TITLE_CHARS: usize = 100;
/// Longest note of an invitation, in characters.
pub const NOTE_CHARS: usize = 120;
/// Maximum number of groups that an invitation names, and of those that every new person joins.
pub const NEWCOMER_GROUPS: usize = 20;
/// Longest name of a server, in characters.
pub const SERVER_NAME_CHARS: usize = 100;
/// Longest welcome text of a server, in characters.
pub const WELCOME_CHARS: usize = 500;
/// Longest topic of a group, in characters.
pub const TOPIC_CHARS: usize = 500;
/// Maximum number of people mentioned in one message.
pub const MENTIONS: usize = 100;
/// Longest emoji, in bytes of UTF-8: the longest sequences of Unicode are those of families and
/// flags.
pub const EMOJI_BYTES: usize = 64;
/// Maximum number of kinds of reactions to one message.
pub const REACTIONS: usize = 50;
/// Maximum number of members up to which they see how far each of them has read.
pub const READS_SHOWN_MEMBERS: i64 = 100;
/// Number of members above which a conversation is large: joins and reactions reach its members a
/// little later and combined, and reactions come without names.
pub const LARGE_MEMBERS: i64 = 1000;
/// Longest name of a setting, in bytes.
pub const SETTING_NAME_BYTES: usize = 64;
/// Longest value of a setting, in bytes.
pub const SETTING_BYTES: usize = 4096;
/// Maximum number of settings of one person.
pub const SETTINGS: i64 = 200;
/// Maximum number of marks on one character of a name, title or other line: the highest stack that is known to be in
/// use is Tibetan and has eight (U+0F67 with U+0F90, 0FB5, 0FA8, 0FB3, 0FBA, 0FBC, 0FBB and 0F82). Unicode's Stream-Safe
/// Text Format (UAX #15) allows 30, but only so that buffers can be bounded; as many would cover the lines above.
pub const MARKS: usize = 8;
/// Longest username, in characters; the shortest is 1.
pub const USERNAME_CHARS: usize = 50;
/// Longest display name, in characters.
pub const DISPLAY_NAME_CHARS: usize = 80;
/// Longest text that people write about themselves in their profile, in characters.
pub const ABOUT_CHARS: usize = 500;
/// Longest text of a person's status, in characters.
pub const STATUS_CHARS: usize = 100;
/// Latest time at which a person's status can end, in milliseconds since the Unix epoch: the end of the year 9999, UTC.
pub const STATUS_UNTIL: i64 = 253_402_300_799_999;
/// Maximum number of people whose presence a socket watches.
pub const WATCHED: usize = 200;
/// Longest name of a time zone, in bytes; the longest existing one has 30.
pub const TIME_ZONE_BYTES: usize = 64;
/// Largest picture of a person, in bytes.
pub const PICTURE_BYTES: usize = 64 * 1024;
/// Largest side of such a picture, in pixels.
pub const PICTURE_PIXELS: usize = 512;
/// Maximum number of files of one message.
pub const FILES: usize = 10;
/// Largest file, in MiB, whatever the settings of a server allow.
pub const FILE_MIB: u32 = 4096;
/// The same in bytes.
pub const FILE_BYTES: i64 = (FILE_MIB as i64) << 20;
/// Longest name of a file, in bytes of UTF-8.
pub const FILE_NAME_BYTES: usize = 255;
/// Longest media type, in bytes.
pub const MEDIA_TYPE_BYTES: usize = 127;
/// Largest width or height in the description of a picture or film, in pixels.
pub const FILE_PIXELS: u32 = 100_000;
/// Largest thumbnail of a file, in bytes.
pub const THUMBNAIL_BYTES: i64 = 40_000;
/// Largest side of a thumbnail, in pixels.
pub const THUMBNAIL_PIXELS: usize = 512;
/// The bytes for which each file counts at least, however small it is: about what a folder, its entries in the database
/// and a block of the disk take.
pub const MIN_COUNTED_FILE_BYTES: i64 = 4096;
/// Largest part of an upload, in bytes.
pub const PART_BYTES: usize = 4 * 1024 * 1024;
/// Smallest part of an upload, in bytes, except the last one of a file.
pub const MIN_PART_BYTES: usize = 64 * 1024;
/// Maximum number of certificates for earlier keys that a server with its own key presents. With more, the path from a
/// pinned key would be longer than rustls-webpki follows (6 intermediate certificates).
pub const EARLIER_KEYS: usize = 7;
/// Shortest passphrase of an account's files, in characters.
pub const MIN_PASSPHRASE_CHARS: usize = 8;
/// Longest passphrase, in bytes of UTF-8.
pub const PASSPHRASE_BYTES: usize = 1024;
/// Maximum number of keywords of one person.
pub const KEYWORDS: usize = 100;
/// Longest keyword, in characters.
pub const KEYWORD_CHARS: usize = 100;
/// Shortest password, in characters.
pub const MIN_PASSWORD_CHARS: usize = 8;
/// Longest password, in bytes of UTF-8: bcrypt ignores the rest (a limit of its authors), and
/// silent truncation would accept a different password. Counted after normalization (RFC 8265).
pub const PASSWORD_BYTES: usize = 72;
/// Maximum number of people named when a group is created.
pub const CREATE_MEMBERS: usize = 500;
/// Maximum number of groups that a person can be in. Each is in the response to a request for all heads.
/// Direct messages do not count: there are as many as people.
pub const GROUPS: i64 = 10_000;
/// Number of rows on a full page of a list for administrators; a page with fewer is the last one.
pub const LIST_ROWS: i64 = 1000;
/// Maximum number of rows in one page of changes or history.
pub const PAGE_ROWS: i64 = 1000;
/// Maximum size of the rows, in bytes of JSON, in one response about streams: changes, a pull, a
/// bootstrap, a state, history. A single larger change is sent alone.
pub const PAGE_BYTES: usize = 4 * 1024 * 1024;
/// Smallest limit that a client can request for the bytes of rows.
pub const MIN_PAGE_BYTES: usize = 64 * 1024;
/// Maximum size of one row, in bytes of JSON: a message with the longest body, each byte of it
/// written as six (`\u0001`), with everybody mentioned and every kind of reaction.
pub const ROW_BYTES: usize = 640 * 1024;
/// Maximum size of one frame of the socket, in bytes; a larger change becomes a hint.
pub const FRAME_BYTES: usize = 1024 * 1024;
/// Maximum number of heads in one hint.
pub const HINT_HEADS: usize = 1000;
/// Largest response that a client reads, decompressed, and largest frame, in bytes: many times what
/// a server sends, since the longest change in an earlier server's data must fit.
pub const RESPONSE_BYTES: usize = 16 * PAGE_BYTES;
/// Maximum number of streams in one pull.
pub const PULL_STREAMS: usize = 100;
/// Largest request body that the server reads, in bytes.
pub const REQUEST_BYTES: usize = 512 * 1024;
