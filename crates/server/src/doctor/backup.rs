//! Whether there is a backup, and how old it is.

use super::finding::{Check, Finding};
use super::patient::{Patient, day, now};
use crate::db::DatabaseAddress;

/// Age in days from which a backup is too old.
const OLD_DAYS: i64 = 7;

/// Examines the last backup. Returns `None` for a PostgreSQL whose backups are made by its own tools, which are not
/// known here, and for a server that was never started, which has nothing to lose.
pub fn check(patient: &Patient) -> Option<Finding> {
    let is_known = match &patient.database {
        DatabaseAddress::Sqlite(path) => path.exists(),
        DatabaseAddress::Postgres(_) => patient.backups.folder.is_some(),
    };
    is_known.then(|| judge(patient))
}

fn judge(patient: &Patient) -> Finding {
    let to_do = "make backups, on a schedule and to another disk (docs/operations.md)";
    if let Some(failed) = &patient.backups.failed {
        let found = format!("the backup of {} failed: {}", day(failed.at.0 / 1000), failed.why);
        let to_do =
            "remove the cause; the server tries again in an hour, or run parlour-server backup";
        return Finding::error(Check::Backup, found, to_do);
    }
    let Some(last) = &patient.backups.last else {
        let found = "no backup is known that the server made";
        return Finding::warning(Check::Backup, found, to_do);
    };
    let found = format!("the last backup is of {}", day(last.at.0 / 1000));
    if now() - last.at.0 / 1000 > OLD_DAYS * 24 * 3600 {
        return Finding::warning(Check::Backup, found, to_do);
    }
    Finding::ok(Check::Backup, found)
}
