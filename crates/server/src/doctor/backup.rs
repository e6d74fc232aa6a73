//! Whether there is a backup, and of when.

use super::finding::{Check, Finding};
use super::patient::{Patient, day, now};
use crate::db::DatabaseAddress;
use crate::metrics::last_backup;

/// An older one is told of.
const OLD_DAYS: i64 = 7;

/// Tells of the last backup. Of PostgreSQL its own tools make backups, which are not known here; and what was never
/// started has nothing to lose.
pub fn check(patient: &Patient) -> Option<Finding> {
    let DatabaseAddress::Sqlite(path) = &patient.database else { return None };
    if !path.exists() {
        return None;
    }
    let to_do = "make backups, on a schedule and to another disk (docs/operations.md)";
    let Some(at) = last_backup(patient.folder.as_deref()?) else {
        let found = "no backup is known that the server made";
        return Some(Finding::warning(Check::Backup, found, to_do));
    };
    let found = format!("the last backup is of {}", day(at.0 / 1000));
    let is_old = now() - at.0 / 1000 > OLD_DAYS * 24 * 3600;
    Some(if is_old {
        Finding::warning(Check::Backup, found, to_do)
    } else {
        Finding::ok(Check::Backup, found)
    })
}
