//! Checks whether there is a recent backup, and whether the next one can be written.

use super::finding::{Check, Finding};
use super::server::{ExaminedServer, day, now};
use super::writable::closed;
use crate::data_names::BACKUPS;
use crate::db::DatabaseAddress;
use std::io::ErrorKind;
use std::path::Path;

/// The age, in days, from which a backup is too old.
const OLD_DAYS: i64 = 7;

/// Examines the last backup, and the folder for the next one. Returns nothing for a PostgreSQL without scheduled
/// backups, which is backed up by tools that are not known here, and for a server that was never started, which has
/// nothing to lose.
pub fn check(server: &ExaminedServer) -> Vec<Finding> {
    let is_known = match &server.database {
        DatabaseAddress::Sqlite(path) => path.exists(),
        DatabaseAddress::Postgres(_) => server.backups.folder.is_some(),
    };
    let place = server.backups.folder.as_deref().and_then(|folder| place(folder, server));
    place.into_iter().chain(is_known.then(|| judge(server))).collect()
}

/// Returns what is wrong with the folder for backups, if anything is.
fn place(folder: &Path, server: &ExaminedServer) -> Option<Finding> {
    let (data, shown) = (server.folder.as_deref(), folder.display());
    let error = |what: String, to_do| Some(Finding::error(Check::Backup, what, to_do));
    match folder.metadata() {
        Ok(about) if !about.is_dir() => {
            error(format!("{shown}, where backups are made, is no folder"), "take it away")
        }
        Ok(_) => {
            let why = closed(folder, data)?;
            let to_do = "let the server's user write there; a service needs ReadWritePaths= for it \
                (docs/operations.md)";
            error(format!("no backup can be made in {shown}: {why}"), to_do)
        }
        Err(cause) if cause.kind() == ErrorKind::NotFound => {
            if folder.symlink_metadata().is_ok() {
                let what = format!("{shown}, where backups are made, is a link that leads nowhere");
                return error(what, "mount the disk, or make the folder where the link leads");
            }
            // The default folder is created with the first backup.
            if data.is_some_and(|data| data.join(BACKUPS) == folder) {
                return None;
            }
            let found = format!("the folder {shown}, where backups are to be made, is not there");
            let to_do = "mount its disk, or make it for the server's user: else the server makes it, on whichever disk is \
                there";
            Some(Finding::warning(Check::Backup, found, to_do))
        }
        Err(cause) => {
            let to_do = "let the server's user read and write there";
            error(format!("no backup can be made in {shown}: {cause}"), to_do)
        }
    }
}

fn judge(server: &ExaminedServer) -> Finding {
    let to_do = "make backups, on a schedule and to another disk (docs/operations.md)";
    if let Some(failed) = &server.backups.failed {
        let found = format!("the backup of {} failed: {}", day(failed.at.0 / 1000), failed.why);
        let to_do =
            "remove the cause; the server tries again in an hour, or run parlour-server backup";
        return Finding::error(Check::Backup, found, to_do);
    }
    let Some(last) = &server.backups.last else {
        let found = "no backup is known that the server made";
        return Finding::warning(Check::Backup, found, to_do);
    };
    let found = format!("the last backup is of {}", day(last.at.0 / 1000));
    if now() - last.at.0 / 1000 > OLD_DAYS * 24 * 3600 {
        return Finding::warning(Check::Backup, found, to_do);
    }
    Finding::ok(Check::Backup, found)
}
