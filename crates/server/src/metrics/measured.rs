//! What is measured when somebody asks.

use parlour_protocol::Millis;
use std::path::Path;

/// What is measured when somebody asks; what is not known is nothing.
#[derive(Default)]
pub struct Measured {
    /// Open sockets.
    pub sockets: usize,
    /// Frames of changes that were handed to sockets since the start.
    pub delivered: u64,
    /// Jobs that wait for the writer.
    pub waiting: usize,
    /// Whether the server can do its work.
    pub is_ready: bool,
    /// Seconds since the start.
    pub uptime: f64,
    /// Devices that are signed in.
    pub sessions: Option<i64>,
    /// People who were not erased.
    pub people: Option<i64>,
    /// Bytes of the database.
    pub database_bytes: Option<u64>,
    /// Bytes of that which are SQLite's log.
    pub log_bytes: Option<u64>,
    /// Bytes that the server may still write in its data folder.
    pub free_bytes: Option<u64>,
    /// Seconds until the certificate ends.
    pub certificate_seconds: Option<i64>,
    /// When the last backup was made.
    pub last_backup: Option<Millis>,
}

/// How many bytes may still be written in a folder; nothing where the system does not tell.
pub fn free_bytes(folder: &Path) -> Option<u64> {
    #[cfg(unix)]
    {
        let told = rustix::fs::statvfs(folder).ok()?;
        Some(told.f_bavail.saturating_mul(told.f_frsize))
    }
    #[cfg(not(unix))]
    {
        let _ = folder;
        None
    }
}
