//! Remembers a server's last successful and last failed backup.

use super::make::NewBackup;
use super::names::list;
use super::plan::Plan;
use super::seal::Seal;
use crate::config::Config;
use crate::data_names::BACKUP_HISTORY;
use crate::lock::lock;
use crate::no_follow::give_to_owner;
use crate::regular;
use parlour_protocol::Millis;
use parlour_sqlite::durable;
use serde::{Deserialize, Serialize};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

/// Maximum number of bytes that are read of the file that keeps this across restarts.
const BYTES: u64 = 64 * 1024;

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
}

/// The last failed backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FailedBackup {
    /// The time of the failure.
    pub at: Millis,
    /// The error.
    pub why: String,
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

/// The contents of the file that outlives the server.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Done {
    last: Option<LastBackup>,
    failed: Option<FailedBackup>,
}

/// The state of a server's backups. It is kept across restarts if the server has a data folder.
#[derive(Default)]
pub struct BackupHistory {
    /// The schedule.
    pub plan: Option<Plan>,
    /// The encryption of backups for which no other one is requested.
    pub seal: Seal,
    /// The data folder, whose files also go into a backup.
    pub data: Option<PathBuf>,
    /// Held while a backup is made, so that only one is made at a time.
    pub turn: tokio::sync::Mutex<()>,
    done: Mutex<Done>,
    failed_here: Mutex<Option<Millis>>,
}

impl BackupHistory {
    /// Creates the state from the folder of the schedule and from the notes of earlier runs.
    fn new(plan: Option<Plan>, seal: Seal, data: Option<&Path>) -> Self {
        let done = data.and_then(read).unwrap_or_default().into();
        Self { plan, seal, data: data.map(Path::to_owned), done, ..Self::default() }
    }

    /// Creates the state for a server with these settings.
    pub fn of(config: &Config) -> Self {
        Self::new(config.backups.clone(), config.backup_seal.clone(), config.folder())
    }

    /// Returns the state for reports. The last backup is the newest of those that were noted and those in the
    /// folder of the schedule. Lists that folder, but opens no file in it.
    pub fn status(&self) -> BackupStatus {
        let Done { last: backup, failed } = lock(&self.done).clone();
        let found = self.plan.as_ref().and_then(|plan| newest_in(&plan.folder));
        let is_newer = |one: &LastBackup, other: &LastBackup| one.at > other.at;
        let last = match (backup, found) {
            (Some(backup), Some(found)) if is_newer(&found, &backup) => Some(found),
            (backup, found) => backup.or(found),
        };
        let failed = failed.filter(|failed| last.as_ref().is_none_or(|last| last.at < failed.at));
        BackupStatus {
            folder: self.plan.as_ref().map(|plan| plan.folder.clone()),
            every_hours: self.plan.as_ref().map(|plan| plan.every.as_secs() / 3600),
            last,
            failed,
        }
    }

    /// Notes a successful backup.
    pub fn note(&self, backup: &NewBackup) {
        let last =
            LastBackup { at: backup.made_at, file: backup.file.clone(), bytes: backup.bytes };
        let mut done = lock(&self.done);
        done.last = Some(last);
        self.keep(&done);
    }

    /// Notes a failed backup.
    pub fn note_failure(&self, at: Millis, why: String) {
        *lock(&self.failed_here) = Some(at);
        let mut done = lock(&self.done);
        done.failed = Some(FailedBackup { at, why });
        self.keep(&done);
    }

    /// Returns the time of the last failure since the server started.
    pub fn failed_at(&self) -> Option<Millis> {
        *lock(&self.failed_here)
    }

    fn keep(&self, done: &Done) {
        let Some(data) = &self.data else { return };
        let path = data.join(BACKUP_HISTORY);
        let bytes = serde_json::to_vec(done).expect("plain data");
        let kept = durable::write(&path, &bytes).and_then(|()| give_to_owner(&path));
        if let Err(error) = kept {
            tracing::warn!(?path, %error, "what became of this backup is forgotten at the next start");
        }
    }
}

/// Returns the notes of earlier runs; an unreadable file counts as empty, because nothing depends on it.
fn read(data: &Path) -> Option<Done> {
    let mut bytes = Vec::new();
    regular::open(&data.join(BACKUP_HISTORY)).ok()?.take(BYTES).read_to_end(&mut bytes).ok()?;
    serde_json::from_slice(&bytes).ok()
}

fn newest_in(folder: &Path) -> Option<LastBackup> {
    let now = Millis(jiff::Timestamp::now().as_millisecond());
    let whole = |(at, file): (Millis, PathBuf)| {
        let bytes = file.metadata().ok()?.len();
        (at <= now && bytes > 0).then_some(LastBackup { at, file, bytes })
    };
    list(folder).ok()?.into_iter().rev().find_map(whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(at: i64) -> NewBackup {
        NewBackup {
            file: "/elsewhere/by-hand".into(),
            bytes: 7,
            database_bytes: 70,
            made_at: Millis(at),
            is_encrypted: false,
            with: Vec::new(),
        }
    }

    #[test]
    fn what_became_of_backups_outlives_the_server() {
        let dir = tempfile::tempdir().unwrap();
        let start = || BackupHistory::new(None, Seal::Open, Some(dir.path()));
        assert_eq!(start().status().last, None);
        start().note(&made(10));
        let last = LastBackup { at: Millis(10), file: "/elsewhere/by-hand".into(), bytes: 7 };
        assert_eq!(start().status().last, Some(last.clone()));
        start().note_failure(Millis(20), "why".into());
        let status = start().status();
        assert_eq!(status.last, Some(last));
        assert_eq!(status.failed.map(|failed| failed.why).as_deref(), Some("why"));
        assert_eq!(start().failed_at(), None, "a server that starts tries at once");
        start().note(&made(30));
        assert_eq!(start().status().failed, None);
        for nonsense in [&b""[..], b"{}", b"[1]", &[b'x'; 100_000]] {
            std::fs::write(dir.path().join(BACKUP_HISTORY), nonsense).unwrap();
            assert_eq!(start().status().last, None);
        }
    }
}
