//! What is looked at.

use crate::backup::{BackupHistory, BackupStatus};
use crate::config::Config;
use crate::data_folder::restoring_path;
use crate::db::DatabaseAddress;
use crate::metrics::MetricsMode;
use crate::tls::{Failure, TlsMode};
use std::path::PathBuf;
use std::time::SystemTime;

/// A server that is looked at, and where its parts are.
#[derive(Debug, Clone)]
pub struct ExaminedServer {
    /// Its data folder, if it has one.
    pub folder: Option<PathBuf>,
    /// Its database.
    pub database: DatabaseAddress,
    /// Its certificate.
    pub tls: TlsMode,
    /// Why there is no new certificate by ACME although it is time for one, as far as a server that runs knows.
    pub acme_failure: Option<Failure>,
    /// Who may read its metrics.
    pub metrics: MetricsMode,
    /// Its backups.
    pub backups: BackupStatus,
    /// Where it listens, if it runs.
    pub address: Option<String>,
    /// Its address as people reach it.
    pub public_url: Option<String>,
    /// Whether a server has the database open.
    pub is_running: bool,
}

impl ExaminedServer {
    /// The server with these settings, which does not answer; whether it runs all the same.
    pub fn silent(config: &Config, is_running: bool) -> Self {
        Self {
            folder: config.folder().map(Into::into),
            database: config.database.clone(),
            tls: config.tls.clone(),
            acme_failure: None,
            metrics: config.metrics.clone(),
            backups: BackupHistory::of(config).status(),
            address: None,
            public_url: config.public_url.clone(),
            is_running,
        }
    }

    /// Whether a server was ever started on the folder, so that something can be lost.
    pub fn was_started(&self) -> bool {
        match &self.database {
            DatabaseAddress::Sqlite(path) => path.symlink_metadata().is_ok(),
            DatabaseAddress::Postgres(_) => {
                self.folder.as_ref().is_some_and(|folder| folder.join("lock").exists())
            }
        }
    }

    /// The database's file, and where it is while it is restored: of PostgreSQL, that alone is in the folder.
    pub fn files(&self) -> Option<(PathBuf, PathBuf)> {
        let file = match &self.database {
            DatabaseAddress::Sqlite(path) => path.clone(),
            DatabaseAddress::Postgres(_) => self.folder.as_ref()?.join("parlour.db"),
        };
        let restoring = restoring_path(&file);
        Some((file, restoring))
    }
}

/// The time, in seconds since 1970.
pub fn now() -> i64 {
    seconds(SystemTime::now())
}

/// A time in seconds since 1970, before which nothing of ours is.
pub fn seconds(at: SystemTime) -> i64 {
    let since = at.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}

/// A time as a day that people read.
pub fn day(seconds: i64) -> String {
    let at = jiff::Timestamp::from_second(seconds).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    at.strftime("%Y-%m-%d %H:%M UTC").to_string()
}
