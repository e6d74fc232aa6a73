//! Checks the data folder and the files in it.

use super::finding::{Check, Finding};
use super::server::ExaminedServer;
use super::strange::strange;
use super::writable::read_only;
use crate::db::DatabaseAddress;
use std::path::Path;

const RESTORE: &str = "put the folder back from a backup, all files of one time together";

/// Checks whether the folder exists and can be written to, whether no file is missing that others depend on, and
/// whether each is a regular file.
pub fn check(server: &ExaminedServer) -> Vec<Finding> {
    let Some(folder) = &server.folder else {
        let found = "the server has no data folder, and needs none";
        return vec![Finding::ok(Check::Folder, found)];
    };
    if let Some(absent) = absent(folder) {
        return vec![absent];
    }
    let mut found: Vec<Finding> = strange(server).into_iter().map(is_strange).collect();
    found.extend(restoring(server));
    if let DatabaseAddress::Sqlite(path) = &server.database {
        found.extend(dangling(path));
        found.extend(missing(path).map(|found| Finding::error(Check::Folder, found, RESTORE)));
    }
    found.extend(read_only(folder).map(|why| {
        let found = format!("the server cannot write to the data folder {}: {why}", folder.display());
        let to_do = "let the server's user write there (chmod 700), or mount the disk so that it can be written";
        Finding::error(Check::Folder, found, to_do)
    }));
    if found.is_empty() {
        let there = format!("the data folder {} is there", folder.display());
        found.push(Finding::ok(Check::Folder, there));
    }
    found
}

/// Returns the finding about a folder that cannot be read.
fn absent(folder: &Path) -> Option<Finding> {
    let shown = folder.display();
    if !folder.is_dir() {
        let what = match (folder.exists(), folder.symlink_metadata().is_ok()) {
            (true, _) => "is no folder",
            (false, true) => "is a link that leads nowhere",
            (false, false) => "is not there",
        };
        let to_do = "say where it is with --data DIR, or make one with `parlour-server init`";
        let found = format!("the data folder {shown} {what}");
        return Some(Finding::error(Check::Folder, found, to_do));
    }
    let error = std::fs::read_dir(folder).err()?;
    let to_do = "run this as the server's own user or as root";
    let found = format!("the data folder {shown} cannot be read: {error}");
    Some(Finding::error(Check::Folder, found, to_do))
}

fn is_strange((name, kind): (String, &'static str)) -> Finding {
    let found = format!("{name} is {kind}, and should be a file");
    let to_do = "take it away, and put the file back from a backup if there was one; what is not there the server \
        makes anew, but not its database and tls.pem";
    Finding::error(Check::Folder, found, to_do)
}

/// Returns the finding about a restore that was killed or is still running.
fn restoring(server: &ExaminedServer) -> Option<Finding> {
    let (_, restoring) = server.files()?;
    restoring.symlink_metadata().ok()?;
    let name = restoring.file_name().unwrap_or_default().to_string_lossy().into_owned();
    if server.is_running {
        let found = format!("a backup is being restored here: {name} is there");
        return Some(Finding::warning(Check::Folder, found, "wait until that is done"));
    }
    let found =
        format!("a restore was interrupted, and what is here is not whole: {name} is there still");
    let to_do = "run `parlour-server restore` again; no server starts here before that";
    Some(Finding::error(Check::Folder, found, to_do))
}

/// Returns the finding about a database that is a link whose target does not exist.
fn dangling(database: &Path) -> Option<Finding> {
    let to = std::fs::read_link(database).ok()?;
    if database.exists() {
        return None;
    }
    let found = format!(
        "the database {} is a link to {}, and nothing is there",
        database.display(),
        to.display()
    );
    let to_do = "mount the disk, or put the database where the link leads; or remove the link, and restore a backup";
    Some(Finding::error(Check::Folder, found, to_do))
}

/// Returns which files of a database are missing.
fn missing(database: &Path) -> Option<String> {
    let is_empty = database.metadata().is_ok_and(|file| file.is_file() && file.len() == 0);
    if database.symlink_metadata().is_ok() && !is_empty {
        return None;
    }
    let what = if is_empty { "is empty" } else { "is missing" };
    let leftover = [parlour_sqlite::log_path(database), database.with_extension("wm")];
    let leftover = leftover.iter().find(|path| path.exists())?;
    Some(format!(
        "the database {} {what}, although a server had one here: {} is there",
        database.display(),
        leftover.file_name().unwrap_or_default().to_string_lossy()
    ))
}
