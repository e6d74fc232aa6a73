//! The metrics that are measured when they are requested.

use parlour_protocol::Millis;
use std::path::Path;

/// The metrics that are measured when they are requested; `None` if a value is unknown.
#[derive(Default)]
pub struct Measurements {
    /// The number of open sockets.
    pub sockets: usize,
    /// The number of frames with changes that were queued for sockets since the start.
    pub delivered: u64,
    /// The number of jobs that wait for the writer.
    pub waiting: usize,
    /// Whether the server is able to work.
    pub is_ready: bool,
    /// The time since the start, in seconds.
    pub uptime: f64,
    /// The number of valid sessions.
    pub sessions: Option<i64>,
    /// The number of accounts that were not erased.
    pub people: Option<i64>,
    /// The size of the database in bytes, including SQLite's write-ahead log.
    pub database_bytes: Option<u64>,
    /// The size of SQLite's write-ahead log in bytes.
    pub log_bytes: Option<u64>,
    /// The number of bytes that the server may still write to the disk of its data folder.
    pub free_bytes: Option<u64>,
    /// The number of seconds until the certificate expires.
    pub certificate_seconds: Option<i64>,
    /// When the latest backup was made.
    pub last_backup: Option<Millis>,
    /// When a backup failed, if none was made since.
    pub failed_backup: Option<Millis>,
}

/// Returns the number of bytes that may still be written to the disk of a folder; `None` if the system does
/// not report it.
pub fn free_bytes(folder: &Path) -> Option<u64> {
    #[cfg(unix)]
    {
        let stat = rustix::fs::statvfs(folder).ok()?;
        Some(stat.f_bavail.saturating_mul(stat.f_frsize))
    }
    #[cfg(not(unix))]
    {
        let _ = folder;
        None
    }
}
