//! Checks the data folder and the files in it.

use super::finding::{Check, Finding};
use super::irregular::irregular;
use super::server::ExaminedServer;
use super::writable::read_only;
use crate::data_names::{SERVER_KEY, SETTINGS};
use crate::db::DatabaseAddress;
use crate::lost_database::LostDatabase;
use std::path::Path;

/// Checks whether the folder exists and can be written to, whether no file is missing that others depend on, and
/// whether each is a regular file.
pub fn check(server: &ExaminedServer) -> Vec<Finding> {
    let Some(folder) = &server.folder else {
        let found = "the server has no data folder, and does not need one";
        return vec![Finding::ok(Check::Folder, found)];
    };
    if let Some(unreadable) = unreadable(folder) {
        return vec![unreadable];
    }
    let mut found: Vec<Finding> =
        irregular(server).into_iter().map(|file| irregular_finding(server, file)).collect();
    found.extend(restoring(server));
    if let DatabaseAddress::Sqlite(path) = &server.database {
        found.extend(broken_link(path));
        found.extend(
            LostDatabase::find(path)
                .map(|lost| Finding::error(Check::Folder, lost.to_string(), &lost.advice())),
        );
    }
    found.extend(read_only(folder).map(|reason| {
        let found =
            format!("the server cannot write to the data folder {}: {reason}", folder.display());
        let to_do = "give the server's user write access (chmod 700), or mount the disk writable";
        Finding::error(Check::Folder, found, to_do)
    }));
    if found.is_empty() {
        let there = format!("the data folder {} exists", folder.display());
        found.push(Finding::ok(Check::Folder, there));
    }
    found
}

/// Returns the finding about a folder that cannot be read.
fn unreadable(folder: &Path) -> Option<Finding> {
    let shown = folder.display();
    if !folder.is_dir() {
        let what = match (folder.exists(), folder.symlink_metadata().is_ok()) {
            (true, _) => "is not a folder",
            (false, true) => "is a broken link",
            (false, false) => "does not exist",
        };
        let to_do = "specify it with --data DIR, or create one with `parlour-server init`";
        let found = format!("the data folder {shown} {what}");
        return Some(Finding::error(Check::Folder, found, to_do));
    }
    let error = std::fs::read_dir(folder).err()?;
    let to_do = "run this as the server's own user or as root";
    let found = format!("the data folder {shown} cannot be read: {error}");
    Some(Finding::error(Check::Folder, found, to_do))
}

fn irregular_finding(server: &ExaminedServer, (name, kind): (String, &'static str)) -> Finding {
    let found = format!("{name} is {kind}, and should be a file");
    let database = server.files().map(|(file, _)| file);
    let database = database.as_deref().and_then(Path::file_name).unwrap_or_default();
    let to_do = if database == name.as_str() {
        "remove it, and restore a backup"
    } else if [SETTINGS, SERVER_KEY].contains(&name.as_str()) {
        "remove it, and put your copy of the file in its place: the server does not make the same one again"
    } else {
        "remove it: the server makes a new file when it needs one"
    };
    Finding::error(Check::Folder, found, to_do)
}

/// Returns the finding about a restore that was killed or is still running.
fn restoring(server: &ExaminedServer) -> Option<Finding> {
    let (_, restoring) = server.files()?;
    restoring.symlink_metadata().ok()?;
    let name = restoring.file_name().unwrap_or_default().to_string_lossy().into_owned();
    if server.is_running {
        let found = format!("a backup is being restored here: {name} exists");
        return Some(Finding::warning(Check::Folder, found, "wait until the restore is finished"));
    }
    let found =
        format!("a restore was interrupted, and the folder is incomplete: {name} still exists");
    let to_do = "run `parlour-server restore` again; no server starts here before it succeeds";
    Some(Finding::error(Check::Folder, found, to_do))
}

/// Returns the finding about a database that is a link whose target does not exist.
fn broken_link(database: &Path) -> Option<Finding> {
    let to = std::fs::read_link(database).ok()?;
    if database.exists() {
        return None;
    }
    let found = format!(
        "the database {} is a link to {}, which does not exist",
        database.display(),
        to.display()
    );
    let to_do = "mount the disk, or move the database to the target of the link; or remove the link, and restore a \
                 backup";
    Some(Finding::error(Check::Folder, found, to_do))
}
