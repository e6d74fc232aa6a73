//! What became of a server's backups: the last that was made, and the last that failed.

use super::make::Made;
use super::names::list;
use super::plan::Plan;
use crate::lock::lock;
use parlour_protocol::Millis;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

/// The last backup that was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Last {
    /// The moment that it has.
    pub at: Millis,
    /// Where it is.
    pub file: PathBuf,
    /// The bytes that it takes.
    pub bytes: u64,
}

/// The last backup that failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Failed {
    /// When.
    pub at: Millis,
    /// Why.
    pub why: String,
}

/// What is told of a server's backups.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BackupStatus {
    /// The folder of those that the server makes by itself, if it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub folder: Option<PathBuf>,
    /// How often it does, in hours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub every_hours: Option<u64>,
    /// The last one that was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<Last>,
    /// The last one that failed since the server was started, if none was made after that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failed: Option<Failed>,
}

/// What a server knows of its backups.
#[derive(Default)]
pub struct Record {
    /// What it does by itself.
    pub plan: Option<Plan>,
    /// Its data folder, of which files go into a backup.
    pub data: Option<PathBuf>,
    /// One is made at a time.
    pub turn: tokio::sync::Mutex<()>,
    done: Mutex<(Option<Last>, Option<Failed>)>,
}

impl Record {
    /// Begins with what lies in the folder of the plan.
    pub fn new(plan: Option<Plan>, data: Option<&Path>) -> Self {
        Self { plan, data: data.map(Path::to_owned), ..Self::default() }
    }

    /// Returns what became of the server's backups. The last one is the newest of those that were made since the
    /// server was started and those in the folder of its plan. This reads that folder, but no file.
    pub fn status(&self) -> BackupStatus {
        let (made, failed) = lock(&self.done).clone();
        let found = self.plan.as_ref().and_then(|plan| newest_in(&plan.folder));
        let is_newer = |one: &Last, other: &Last| one.at > other.at;
        let last = match (made, found) {
            (Some(made), Some(found)) if is_newer(&found, &made) => Some(found),
            (made, found) => made.or(found),
        };
        let failed = failed.filter(|failed| last.as_ref().is_none_or(|last| last.at < failed.at));
        BackupStatus {
            folder: self.plan.as_ref().map(|plan| plan.folder.clone()),
            every_hours: self.plan.as_ref().map(|plan| plan.every.as_secs() / 3600),
            last,
            failed,
        }
    }

    /// Notes one that was made.
    pub fn note(&self, made: &Made) {
        let last = Last { at: made.made_at, file: made.file.clone(), bytes: made.bytes };
        lock(&self.done).0 = Some(last);
    }

    /// Notes one that failed.
    pub fn note_failure(&self, at: Millis, why: String) {
        lock(&self.done).1 = Some(Failed { at, why });
    }

    /// Returns when the last one failed.
    pub fn failed_at(&self) -> Option<Millis> {
        lock(&self.done).1.as_ref().map(|failed| failed.at)
    }
}

fn newest_in(folder: &Path) -> Option<Last> {
    let now = Millis(jiff::Timestamp::now().as_millisecond());
    let whole = |(at, file): (Millis, PathBuf)| {
        let bytes = file.metadata().ok()?.len();
        (at <= now && bytes > 0).then_some(Last { at, file, bytes })
    };
    list(folder).ok()?.into_iter().rev().find_map(whole)
}
