//! The schedule of backups.

use super::encryption::BackupEncryption;
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

/// The time between two checks of whether a backup is due.
const CHECK_INTERVAL: Duration = Duration::from_secs(60);

/// When and where a server makes scheduled backups, and how long it keeps them.
#[derive(Clone)]
pub struct Schedule {
    /// The folder; it is created if it is missing.
    pub folder: PathBuf,
    /// The time between two backups.
    pub every: Duration,
    /// Number of days whose newest backup is kept.
    pub keep_days: u32,
    /// Number of weeks whose newest backup is kept.
    pub keep_weeks: u32,
    /// The encryption.
    pub encryption: BackupEncryption,
    /// Whether the backups contain the contents of files.
    pub has_files: bool,
    /// The time between two checks of whether a backup is due.
    pub check_interval: Duration,
}

impl Schedule {
    /// Returns the default schedule for a folder: daily, kept for 7 days and 4 weeks, not encrypted, without the contents
    /// of files.
    pub fn in_folder(folder: PathBuf) -> Self {
        let every = Duration::from_secs(24 * 3600);
        Self {
            folder,
            every,
            keep_days: 7,
            keep_weeks: 4,
            encryption: BackupEncryption::None,
            has_files: false,
            check_interval: CHECK_INTERVAL,
        }
    }
}

impl fmt::Debug for Schedule {
    /// Leaves out the encryption, which may contain a passphrase.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { folder, every, keep_days, keep_weeks, .. } = self;
        write!(f, "{} every {every:?} for {keep_days} d, {keep_weeks} w", folder.display())
    }
}
