//! Files on the disk: encrypts plain ones, recognizes damage, moves damaged files aside.

use crate::error::{Error, Result};
use parlour_sqlite::{Durability, Key, SIDE_SUFFIXES, Schema, durable};
use std::path::{Path, PathBuf};

/// Encrypts a plain file, if it is a file of this program.
pub(crate) fn encrypt_if_plain(path: &Path, schema: &Schema, key: &Key) -> Result<()> {
    if !parlour_sqlite::is_plain(path) {
        return Ok(());
    }
    // Opening fails for another program's file and for one of a newer version: the error says so,
    // and the file stays as it is.
    drop(parlour_sqlite::open(path, schema, Durability::Full, None)?);
    tracing::info!(?path, "a plain file is encrypted");
    Ok(parlour_sqlite::encrypt(path, key)?)
}

/// Returns whether an error means that a file is damaged or belongs to another program. A file of a
/// newer version is neither.
pub(crate) fn is_damage(error: &Error) -> bool {
    match error {
        Error::File(parlour_sqlite::Error::Foreign { .. }) => true,
        Error::File(parlour_sqlite::Error::Open { source, .. }) | Error::Statement(source) => {
            parlour_sqlite::is_damage(source)
        }
        _ => false,
    }
}

/// Moves a file and the files that SQLite keeps next to it aside, replacing an earlier one that was set
/// aside.
pub(crate) fn set_aside(path: &Path) -> Result<()> {
    move_to(path, &suffixed(path, ".damaged"))
}

/// Moves a file aside like [`set_aside`], but keeps those set aside before; returns its new path.
pub(crate) fn set_aside_numbered(path: &Path) -> Result<PathBuf> {
    let free = (1..).map(|n| suffixed(path, &format!(".damaged-{n}"))).find(|to| !to.exists());
    let to = free.unwrap_or_else(|| suffixed(path, ".damaged"));
    move_to(path, &to)?;
    Ok(to)
}

/// Returns a path with `suffix` appended to its name.
pub(crate) fn suffixed(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

fn move_to(path: &Path, to: &Path) -> Result<()> {
    for suffix in [""].into_iter().chain(SIDE_SUFFIXES) {
        let (from, to) = (suffixed(path, suffix), suffixed(to, suffix));
        match durable::rename(&from, &to) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            moved => moved.map_err(|source| Error::Folder { path: from, source })?,
        }
    }
    Ok(())
}

/// Removes a file and the files that SQLite stores next to it, if they exist.
pub(crate) fn remove(path: &Path) -> std::io::Result<()> {
    remove_one(path)?;
    remove_logs(path)
}

/// Removes the files that SQLite stores next to a file, if they exist.
pub(crate) fn remove_logs(path: &Path) -> std::io::Result<()> {
    logs_of(path).iter().try_for_each(|log| remove_one(log))
}

/// Returns the paths of the files that SQLite keeps next to a file.
pub(crate) fn logs_of(path: &Path) -> [PathBuf; 3] {
    SIDE_SUFFIXES.map(|suffix| suffixed(path, suffix))
}

fn remove_one(path: &Path) -> std::io::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
