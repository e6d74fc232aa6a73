//! Checks whether there is a recent backup, and whether the next one can be written.

use super::finding::{Check, Finding};
use super::server::{ExaminedServer, day, now};
use super::writable::why_not_writable;
use crate::data_names::BACKUPS;
use crate::db::DatabaseAddress;
use std::io::ErrorKind;
use std::path::Path;

/// The age, in days, from which a backup is too old.
const OLD_DAYS: i64 = 7;

/// Examines the last backup, and the folder for the next one. Returns nothing for a PostgreSQL without scheduled
/// backups, which may be backed up by other tools, and for a server that was never started, which has no data yet.
pub fn check(server: &ExaminedServer) -> Vec<Finding> {
    let is_known = match &server.database {
        DatabaseAddress::Sqlite(path) => path.exists(),
        DatabaseAddress::Postgres(_) => server.backups.folder.is_some(),
    };
    let folder_finding =
        server.backups.folder.as_deref().and_then(|folder| check_folder(folder, server));
    folder_finding.into_iter().chain(is_known.then(|| check_age(server))).collect()
}

/// Returns what is wrong with the folder for backups, if anything is.
fn check_folder(folder: &Path, server: &ExaminedServer) -> Option<Finding> {
    let (data, shown) = (server.folder.as_deref(), folder.display());
    let error = |what: String, to_do| Some(Finding::error(Check::Backup, what, to_do));
    match folder.metadata() {
        Ok(about) if !about.is_dir() => {
            error(format!("{shown}, where backups are made, is not a folder"), "remove it")
        }
        Ok(_) => {
            let reason = why_not_writable(folder, data)?;
            let to_do = "give the server's user write access; a service needs ReadWritePaths= for it \
                         (docs/operations.md)";
            error(format!("no backup can be made in {shown}: {reason}"), to_do)
        }
        Err(cause) if cause.kind() == ErrorKind::NotFound => {
            if folder.symlink_metadata().is_ok() {
                let what = format!("{shown}, where backups are made, is a broken link");
                return error(what, "mount the disk, or create the folder that the link points to");
            }
            // The default folder is created with the first backup.
            if data.is_some_and(|data| data.join(BACKUPS) == folder) {
                return None;
            }
            let found = format!("the folder {shown} for backups does not exist");
            let to_do = "mount its disk, or create it for the server's user: otherwise the server creates it, \
                         possibly on the wrong disk";
            Some(Finding::warning(Check::Backup, found, to_do))
        }
        Err(cause) => {
            let to_do = "give the server's user read and write access";
            error(format!("no backup can be made in {shown}: {cause}"), to_do)
        }
    }
}

fn check_age(server: &ExaminedServer) -> Finding {
    let to_do = "make backups, on a schedule and to another disk (docs/operations.md)";
    if let Some(failed) = &server.backups.failed {
        let found = format!("the backup of {} failed: {}", day(failed.at.0 / 1000), failed.reason);
        let to_do =
            "remove the cause; the server tries again in an hour, or run parlour-server backup";
        return Finding::error(Check::Backup, found, to_do);
    }
    let Some(last) = &server.backups.last else {
        let found = "the server has made no backup yet";
        return Finding::warning(Check::Backup, found, to_do);
    };
    let found = format!("the last backup was made at {}", day(last.at.0 / 1000));
    if last.missing_files > 0 {
        let found =
            format!("{found}, without {} files that are missing in the store", last.missing_files);
        let to_do =
            "put the files back from an earlier backup; no scheduled backup is deleted until then";
        return Finding::error(Check::Backup, found, to_do);
    }
    if now() - last.at.0 / 1000 > OLD_DAYS * 24 * 3600 {
        return Finding::warning(Check::Backup, found, to_do);
    }
    Finding::ok(Check::Backup, found)
}
