//! Files on the disk: encrypting plain ones, telling damage, moving damaged ones out of the way.

use crate::error::{Error, Result};
use parlour_sqlite::{Durability, Key, Schema, durable};
use std::path::{Path, PathBuf};

/// What SQLite keeps beside a file, and the file itself.
const SUFFIXES: [&str; 3] = ["", "-wal", "-shm"];

/// Encrypts a plain file, if it is one of ours.
pub(crate) fn take_over(path: &Path, schema: &Schema, key: &Key) -> Result<()> {
    if !parlour_sqlite::is_plain(path) {
        return Ok(());
    }
    // Another program's file, or one of a newer version, is left as it is, and said to be that.
    drop(parlour_sqlite::open(path, schema, Durability::Full, None)?);
    tracing::info!(?path, "a plain file is encrypted");
    Ok(parlour_sqlite::encrypt(path, key)?)
}

/// Whether an error means that a file is damaged or not ours at all; one by a newer version is neither.
pub(crate) fn is_damage(error: &Error) -> bool {
    match error {
        Error::File(parlour_sqlite::Error::Foreign { .. }) => true,
        Error::File(parlour_sqlite::Error::Open { source, .. }) | Error::Statement(source) => {
            parlour_sqlite::is_damage(source)
        }
        _ => false,
    }
}

/// Moves a file and what SQLite keeps beside it out of the way, over an earlier one that was set aside.
pub(crate) fn set_aside(path: &Path) -> Result<()> {
    move_to(path, &suffixed(path, ".damaged"))
}

/// The same, and keeps what was set aside before; answers where it is.
pub(crate) fn set_aside_for_good(path: &Path) -> Result<PathBuf> {
    let free = (1..).map(|n| suffixed(path, &format!(".damaged-{n}"))).find(|to| !to.exists());
    let to = free.unwrap_or_else(|| suffixed(path, ".damaged"));
    move_to(path, &to)?;
    Ok(to)
}

/// A path with something behind its name.
pub(crate) fn suffixed(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

fn move_to(path: &Path, to: &Path) -> Result<()> {
    for suffix in SUFFIXES {
        let (from, to) = (suffixed(path, suffix), suffixed(to, suffix));
        match durable::rename(&from, &to) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            moved => moved.map_err(|source| Error::Folder { path: from, source })?,
        }
    }
    Ok(())
}

/// Removes a file and what SQLite keeps beside it, if they are there.
pub(crate) fn remove(path: &Path) -> std::io::Result<()> {
    SUFFIXES.iter().try_for_each(|suffix| remove_one(&suffixed(path, suffix)))
}

/// Removes what SQLite keeps beside a file, if it is there.
pub(crate) fn remove_logs(path: &Path) -> std::io::Result<()> {
    SUFFIXES[1..].iter().try_for_each(|suffix| remove_one(&suffixed(path, suffix)))
}

fn remove_one(path: &Path) -> std::io::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
