//! Whether the data folder and what belongs into it are there.

use super::finding::{Check, Finding};
use super::patient::Patient;
use crate::db::DatabaseAddress;
use std::path::Path;

const RESTORE: &str = "put the folder back from a backup, all files of one time together";

/// Whether the folder is there, and whether of its files none is missing without which another means nothing.
pub fn check(patient: &Patient) -> Finding {
    let Some(folder) = &patient.folder else {
        return Finding::ok(Check::Folder, "the server has no data folder, and needs none");
    };
    let shown = folder.display();
    if !folder.is_dir() {
        let what = if folder.exists() { "is no folder" } else { "is not there" };
        let to_do = "say where it is with --data DIR, or make one with `parlour-server init`";
        return Finding::error(Check::Folder, format!("the data folder {shown} {what}"), to_do);
    }
    if let Err(error) = std::fs::read_dir(folder) {
        let to_do = "run this as the server's own user or as root";
        let found = format!("the data folder {shown} cannot be read: {error}");
        return Finding::error(Check::Folder, found, to_do);
    }
    let missing = match &patient.database {
        DatabaseAddress::Sqlite(path) => missing(path),
        DatabaseAddress::Postgres(_) => None,
    };
    match missing {
        Some(found) => Finding::error(Check::Folder, found, RESTORE),
        None => Finding::ok(Check::Folder, format!("the data folder {shown} is there")),
    }
}

/// What is missing of a database's files.
fn missing(database: &Path) -> Option<String> {
    let beside = |suffix: &str| {
        let mut name = database.as_os_str().to_owned();
        name.push(suffix);
        Path::new(&name).to_owned()
    };
    let is_empty = database.metadata().is_ok_and(|file| file.len() == 0);
    if database.exists() && !is_empty {
        return None;
    }
    let what = if is_empty { "is empty" } else { "is missing" };
    let left = [beside("-wal"), database.with_extension("wm")];
    let left = left.iter().find(|path| path.exists())?;
    Some(format!(
        "the database {} {what}, although a server had one here: {} is there",
        database.display(),
        left.file_name().unwrap_or_default().to_string_lossy()
    ))
}
