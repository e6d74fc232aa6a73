//! The names of the files in an account's folder: the one list of them.

/// Locked by the process that uses the folder.
pub(crate) const LOCK: &str = "lock";
/// The mirror.
pub(crate) const MIRROR: &str = "mirror.db";
/// The outbox.
pub const OUTBOX: &str = "outbox.db";
/// A new outbox that is about to replace the other one.
pub(crate) const OUTBOX_NEW: &str = "outbox.db.new";
/// The daily copy of the outbox.
pub(crate) const OUTBOX_COPY: &str = "outbox.db.copy";
/// The keys that open the other files, which the client writes.
pub const KEYS: &str = "key.json";
/// The bytes of files, a folder.
pub(crate) const FILES: &str = "files";
