//! Records a server's last successful and last failed backup.

use super::encryption::BackupEncryption;
use super::make::NewBackup;
use super::names::list;
use super::schedule::Schedule;
use crate::config::Config;
use crate::data_names::BACKUP_HISTORY;
use crate::lock::lock;
use crate::no_follow::chown_to_folder_owner;
use crate::regular_file;
use parlour_protocol::Millis;
use parlour_sqlite::durable;
use serde::{Deserialize, Serialize};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

/// The largest number of bytes read from the file that stores the history across restarts.
const MAX_BYTES: u64 = 64 * 1024;

/// The last successful backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LastBackup {
    /// The time of the state that it contains.
    pub at: Millis,
    /// Its path.
    pub file: PathBuf,
    /// Its size in bytes.
    pub bytes: u64,
    /// The number of files that messages refer to and that are missing in it, because they were missing in the store.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub missing_files: u64,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

/// The last failed backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FailedBackup {
    /// The time of the failure.
    pub at: Millis,
    /// The error.
    #[serde(alias = "why")]
    pub reason: String,
}

/// The state of a server's backups, for reports.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BackupStatus {
    /// The folder of scheduled backups; `None` if none are scheduled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub folder: Option<PathBuf>,
    /// Hours between two scheduled backups.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub every_hours: Option<u64>,
    /// The last successful backup.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<LastBackup>,
    /// The last failure, if no backup succeeded after it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failed: Option<FailedBackup>,
}

/// The content of the history file ([`BACKUP_HISTORY`]).
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Record {
    last: Option<LastBackup>,
    failed: Option<FailedBackup>,
}

/// The state of a server's backups. It is kept across restarts if the server has a data folder.
#[derive(Default)]
pub struct BackupHistory {
    /// The schedule.
    pub schedule: Option<Schedule>,
    /// The encryption of backups for which no other one is requested.
    pub encryption: BackupEncryption,
    /// The data folder, whose files also go into a backup.
    pub data: Option<PathBuf>,
    /// Held while a backup is made, so that only one is made at a time.
    pub running: tokio::sync::Mutex<()>,
    record: Mutex<Record>,
    failed_since_start: Mutex<Option<Millis>>,
}

impl BackupHistory {
    /// Creates the state with the records of earlier runs.
    fn new(schedule: Option<Schedule>, encryption: BackupEncryption, data: Option<&Path>) -> Self {
        let record = data.and_then(read).unwrap_or_default().into();
        Self { schedule, encryption, data: data.map(Path::to_owned), record, ..Self::default() }
    }

    /// Creates the state for a server with these settings.
    pub fn from_config(config: &Config) -> Self {
        Self::new(config.backups.clone(), config.backup_encryption.clone(), config.folder())
    }

    /// Returns the state for reports. The last backup is the newest of the recorded one and those in the folder of
    /// the schedule. Lists that folder, but opens no file in it.
    pub fn status(&self) -> BackupStatus {
        let Record { last: backup, failed } = lock(&self.record).clone();
        let found = self.schedule.as_ref().and_then(|schedule| newest_in(&schedule.folder));
        let is_newer = |one: &LastBackup, other: &LastBackup| one.at > other.at;
        let last = match (backup, found) {
            (Some(backup), Some(found)) if is_newer(&found, &backup) => Some(found),
            (backup, found) => backup.or(found),
        };
        let failed = failed.filter(|failed| last.as_ref().is_none_or(|last| last.at < failed.at));
        BackupStatus {
            folder: self.schedule.as_ref().map(|schedule| schedule.folder.clone()),
            every_hours: self.schedule.as_ref().map(|schedule| schedule.every.as_secs() / 3600),
            last,
            failed,
        }
    }

    /// Records a successful backup.
    pub fn record_success(&self, backup: &NewBackup) {
        let last = LastBackup {
            at: backup.made_at,
            file: backup.file.clone(),
            bytes: backup.bytes,
            missing_files: backup.missing_files.count,
        };
        let mut record = lock(&self.record);
        record.last = Some(last);
        self.save(&record);
    }

    /// Records a failed backup.
    pub fn record_failure(&self, at: Millis, reason: String) {
        *lock(&self.failed_since_start) = Some(at);
        let mut record = lock(&self.record);
        record.failed = Some(FailedBackup { at, reason });
        self.save(&record);
    }

    /// Returns the time of the last failure since the server started.
    pub fn failed_at(&self) -> Option<Millis> {
        *lock(&self.failed_since_start)
    }

    fn save(&self, record: &Record) {
        let Some(data) = &self.data else { return };
        let path = data.join(BACKUP_HISTORY);
        let bytes = serde_json::to_vec(record).expect("plain data");
        let saved = durable::write(&path, &bytes).and_then(|()| chown_to_folder_owner(&path));
        if let Err(error) = saved {
            tracing::warn!(?path, %error, "the result of this backup will be unknown after the next start");
        }
    }
}

/// Reads the record of earlier runs; an unreadable file counts as empty, because nothing depends on it.
fn read(data: &Path) -> Option<Record> {
    let mut bytes = Vec::new();
    regular_file::open(&data.join(BACKUP_HISTORY))
        .ok()?
        .take(MAX_BYTES)
        .read_to_end(&mut bytes)
        .ok()?;
    serde_json::from_slice(&bytes).ok()
}

fn newest_in(folder: &Path) -> Option<LastBackup> {
    let now = Millis(jiff::Timestamp::now().as_millisecond());
    let complete = |(at, file): (Millis, PathBuf)| {
        let bytes = file.metadata().ok()?.len();
        (at <= now && bytes > 0).then_some(LastBackup { at, file, bytes, missing_files: 0 })
    };
    list(folder).ok()?.into_iter().rev().find_map(complete)
}

#[cfg(test)]
mod tests {
    use super::super::objects::FileTotals;
    use super::*;

    fn new_backup(at: i64) -> NewBackup {
        NewBackup {
            file: "/elsewhere/by-hand".into(),
            bytes: 7,
            database_bytes: 70,
            made_at: Millis(at),
            is_encrypted: false,
            extra_entries: Vec::new(),
            files: None,
            missing_files: FileTotals::default(),
        }
    }

    #[test]
    fn the_results_of_backups_are_stored_across_restarts() {
        let dir = tempfile::tempdir().unwrap();
        let start = || BackupHistory::new(None, BackupEncryption::None, Some(dir.path()));
        assert_eq!(start().status().last, None);
        start().record_success(&new_backup(10));
        let file = "/elsewhere/by-hand".into();
        let last = LastBackup { at: Millis(10), file, bytes: 7, missing_files: 0 };
        assert_eq!(start().status().last, Some(last.clone()));
        start().record_failure(Millis(20), "reason".into());
        let status = start().status();
        assert_eq!(status.last, Some(last));
        assert_eq!(status.failed.map(|failed| failed.reason).as_deref(), Some("reason"));
        assert_eq!(start().failed_at(), None, "a server that starts tries at once");
        start().record_success(&new_backup(30));
        assert_eq!(start().status().failed, None);
        for nonsense in [&b""[..], b"{}", b"[1]", &[b'x'; 100_000]] {
            std::fs::write(dir.path().join(BACKUP_HISTORY), nonsense).unwrap();
            assert_eq!(start().status().last, None);
        }
    }
}
