//! What a server does by itself.

use super::seal::Seal;
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

/// The time between two checks whether a backup is due.
const CHECK_INTERVAL: Duration = Duration::from_secs(60);

/// When a server makes backups by itself, where, and how long it keeps them.
#[derive(Clone)]
pub struct Plan {
    /// The folder, made if it is missing.
    pub folder: PathBuf,
    /// The time from one to the next.
    pub every: Duration,
    /// The days of which the newest one is kept.
    pub keep_days: u32,
    /// The weeks of which the newest one is kept.
    pub keep_weeks: u32,
    /// How they are encrypted.
    pub seal: Seal,
    /// The time between two checks whether one is due.
    pub check_interval: Duration,
}

impl Plan {
    /// Returns the plan of which nothing is said but the folder: daily, for 7 days and 4 weeks, not encrypted.
    pub fn in_folder(folder: PathBuf) -> Self {
        let every = Duration::from_secs(24 * 3600);
        Self {
            folder,
            every,
            keep_days: 7,
            keep_weeks: 4,
            seal: Seal::Open,
            check_interval: CHECK_INTERVAL,
        }
    }
}

impl fmt::Debug for Plan {
    /// Leaves out how they are encrypted.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { folder, every, keep_days, keep_weeks, .. } = self;
        write!(f, "{} every {every:?} for {keep_days} d, {keep_weeks} w", folder.display())
    }
}
