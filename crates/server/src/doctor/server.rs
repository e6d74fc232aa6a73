//! The server that is examined.

use crate::backup::{BackupHistory, BackupStatus};
use crate::config::Config;
use crate::data_folder::restoring_path;
use crate::data_names::{DATABASE, LOCK};
use crate::db::DatabaseAddress;
use crate::file_store::FileSettings;
use crate::metrics::MetricsMode;
use crate::tls::{Failure, TlsMode};
use std::path::PathBuf;
use std::time::SystemTime;

/// The parts of a server that the checks examine.
#[derive(Debug, Clone)]
pub struct ExaminedServer {
    /// Its data folder, if it has one.
    pub folder: Option<PathBuf>,
    /// Its database.
    pub database: DatabaseAddress,
    /// Its certificate.
    pub tls: TlsMode,
    /// Why ACME has not renewed the certificate although that is due, as far as a running server knows.
    pub acme_failure: Option<Failure>,
    /// Its settings for files.
    pub files: FileSettings,
    /// The setting of who may read its metrics.
    pub metrics: MetricsMode,
    /// The state of its backups.
    pub backups: BackupStatus,
    /// The address on which it listens, if it is running.
    pub address: Option<String>,
    /// Its public address.
    pub public_url: Option<String>,
    /// Whether a server has the database open.
    pub is_running: bool,
}

impl ExaminedServer {
    /// Returns the server with these settings, which does not respond; `is_running` is whether it runs nevertheless.
    pub fn not_responding(config: &Config, is_running: bool) -> Self {
        Self {
            folder: config.folder().map(Into::into),
            database: config.database.clone(),
            tls: config.tls.clone(),
            acme_failure: None,
            files: config.file_settings(),
            metrics: config.metrics.clone(),
            backups: BackupHistory::from_config(config).status(),
            address: None,
            public_url: config.public_url.clone(),
            is_running,
        }
    }

    /// Returns whether a server was ever started on the folder, so that there is something to lose.
    pub fn was_started(&self) -> bool {
        match &self.database {
            DatabaseAddress::Sqlite(path) => path.symlink_metadata().is_ok(),
            DatabaseAddress::Postgres(_) => {
                self.folder.as_ref().is_some_and(|folder| folder.join(LOCK).exists())
            }
        }
    }

    /// Returns the path of the database's file, and the one that it has during a restore. For PostgreSQL, only
    /// the latter is in the folder.
    pub fn files(&self) -> Option<(PathBuf, PathBuf)> {
        let file = match &self.database {
            DatabaseAddress::Sqlite(path) => path.clone(),
            DatabaseAddress::Postgres(_) => self.folder.as_ref()?.join(DATABASE),
        };
        let restoring = restoring_path(&file);
        Some((file, restoring))
    }
}

/// Returns the current time, in seconds since 1970.
pub fn now() -> i64 {
    seconds(SystemTime::now())
}

/// Converts a time to seconds since 1970; earlier times become 0.
pub fn seconds(at: SystemTime) -> i64 {
    let since = at.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}

/// Formats a time as a date.
pub fn day(seconds: i64) -> String {
    let at = jiff::Timestamp::from_second(seconds).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    at.strftime("%Y-%m-%d %H:%M UTC").to_string()
}
