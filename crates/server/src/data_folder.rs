//! The data folder: private, and locked by the process that uses it.

use crate::data_names::{ALL, DATABASE, LOCK};
use crate::db::DatabaseAddress;
use crate::lost_database::LostDatabase;
use crate::no_follow::{self, chown_to_folder_owner};
use crate::regular_file;
use crate::start_error::StartError;
use parlour_sqlite::private;
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How long to wait for a process that is about to exit and still holds the lock.
const LOCK_TIMEOUT: Duration = Duration::from_secs(1);

/// Locks a SQLite database for this process. A PostgreSQL database is not locked: any number of servers can
/// use it.
///
/// # Errors
/// Fails for the reasons of [`lock_folder`], or if the database is gone: an empty one in its place would be backed up
/// instead of it.
pub async fn lock(database: &DatabaseAddress) -> Result<Option<File>, StartError> {
    let DatabaseAddress::Sqlite(path) = database else { return Ok(None) };
    let data = database.folder().unwrap_or(Path::new("."));
    let lock_file = lock_folder(data, path).await?;
    match LostDatabase::find(path) {
        Some(lost) => Err(StartError::Lost(lost)),
        None => Ok(Some(lock_file)),
    }
}

/// Checks that there is a SQLite database, or something that opening it explains: one that is gone, or being restored.
/// Creates nothing.
///
/// # Errors
/// Fails with [`StartError::NotSetUp`] if there was never one. What is in PostgreSQL is not checked.
pub fn require_database(database: &DatabaseAddress) -> Result<(), StartError> {
    let DatabaseAddress::Sqlite(path) = database else { return Ok(()) };
    let data = database.folder().unwrap_or(Path::new("."));
    let exists = path.symlink_metadata().is_ok()
        || restoring_path(path).exists()
        || LostDatabase::find(path).is_some();
    // A process that has locked the folder may be about to create it.
    if exists || is_locked(data) { Ok(()) } else { Err(StartError::NotSetUp(data.to_owned())) }
}

/// Locks a data folder for this process. `database` names the database's files in it.
///
/// # Errors
/// Fails if the folder cannot be used, if another process has locked it, or if a restore into it was killed
/// before it was complete.
pub async fn lock_folder(data: &Path, database: &Path) -> Result<File, StartError> {
    let lock_file = lock_folder_to_restore(data, database).await?;
    if restoring_path(database).exists() {
        return Err(StartError::Restoring(data.to_owned()));
    }
    Ok(lock_file)
}

/// Returns the path of a database while it is being restored. Nothing else uses that path.
pub fn restoring_path(database: &Path) -> PathBuf {
    let mut path = database.as_os_str().to_owned();
    path.push(".restoring");
    path.into()
}

/// Locks a data folder as [`lock_folder`] does, even if a restore into it was killed.
///
/// # Errors
/// Fails if the folder cannot be used, or if another process has locked it.
pub async fn lock_folder_to_restore(data: &Path, database: &Path) -> Result<File, StartError> {
    let failed = |source| StartError::Data { path: data.to_owned(), source };
    restrict_access(data, database).map_err(failed)?;
    let lock = data.join(LOCK);
    let file = no_follow::open(private::options().create(true).truncate(false), &lock);
    let file = file.map_err(failed)?;
    chown_to_folder_owner(&lock).map_err(failed)?;
    let began = Instant::now();
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) if began.elapsed() < LOCK_TIMEOUT => {
                tokio::time::sleep(LOCK_TIMEOUT / 50).await;
            }
            Err(TryLockError::WouldBlock) => return Err(StartError::InUse(data.to_owned())),
            Err(TryLockError::Error(source)) => return Err(failed(source)),
        }
    }
}

/// Returns whether a process has locked the data folder.
pub fn is_locked(data: &Path) -> bool {
    let Ok(file) = regular_file::open(&data.join(LOCK)) else { return false };
    matches!(file.try_lock(), Err(TryLockError::WouldBlock))
}

/// Returns the server's own files in a data folder, and links to files in their places; and the folder itself if it
/// contains nothing else.
///
/// # Errors
/// Fails if the folder cannot be read.
#[cfg(unix)]
pub fn own_files(
    data: &Path,
    database: &DatabaseAddress,
) -> std::io::Result<Vec<std::path::PathBuf>> {
    let file = match database {
        DatabaseAddress::Sqlite(path) => path.clone(),
        DatabaseAddress::Postgres(_) => data.join(DATABASE),
    };
    let (mut own_files, mut is_exclusive) = (Vec::new(), true);
    for entry in std::fs::read_dir(data)? {
        let entry = entry?;
        let is_ours = is_ours(&entry.file_name().to_string_lossy(), &file);
        is_exclusive &= is_ours;
        if is_ours && entry.path().is_file() {
            own_files.push(entry.path());
        }
    }
    if is_exclusive {
        own_files.push(data.to_owned());
    }
    Ok(own_files)
}

fn is_ours(name: &str, database: &Path) -> bool {
    let stem = database.file_stem().unwrap_or_default().to_string_lossy();
    ALL.iter().any(|(own_name, _)| name.starts_with(own_name))
        || name.starts_with(&format!("{stem}."))
}

/// Creates the data folder with access for the server alone, or restricts the access to an existing one and
/// to the files in it, also through links (see [`private::restrict`]). If the folder also contains other things, only
/// the server's own files are restricted.
fn restrict_access(data: &Path, database: &Path) -> std::io::Result<()> {
    if !data.is_dir() {
        return private::ensure_folder(data);
    }
    let mut is_exclusive = true;
    for entry in std::fs::read_dir(data)? {
        let entry = entry?;
        let is_ours = is_ours(&entry.file_name().to_string_lossy(), database);
        is_exclusive &= is_ours;
        if is_ours && blocks_when_opened(entry.file_type()?) {
            let what = format!("{} is not a regular file", entry.file_name().display());
            return Err(std::io::Error::new(std::io::ErrorKind::InvalidInput, what));
        }
        if is_ours && entry.path().is_file() {
            private::restrict(&entry.path())?;
        }
    }
    if is_exclusive { private::restrict(data) } else { Ok(()) }
}

/// Returns whether opening this kind of file may block.
fn blocks_when_opened(file: std::fs::FileType) -> bool {
    regular_file::kind(file).is_some_and(|kind| ["a FIFO", "a device"].contains(&kind))
}
