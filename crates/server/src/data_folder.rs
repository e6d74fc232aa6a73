//! The data folder: private, and locked while a process has it.

use crate::db::DatabaseAddress;
use crate::metrics::METRICS_TOKEN;
use crate::no_follow;
use crate::start_error::StartError;
use parlour_sqlite::private;
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// What is in it beside the database, or begins so.
const OURS: &[&str] = &[
    "lock",
    "parlour.toml",
    "control.sock",
    "tls.pem",
    "acme.pem",
    "acme-account.json",
    "backups",
    METRICS_TOKEN,
];

/// How long a process that is just ending may still have the folder.
const HANDED_OVER: Duration = Duration::from_secs(1);

/// Keeps a second process from a SQLite database. PostgreSQL takes as many as come.
///
/// # Errors
/// A folder that cannot be had, or that another process has.
pub async fn lock(database: &DatabaseAddress) -> Result<Option<File>, StartError> {
    let DatabaseAddress::Sqlite(path) = database else { return Ok(None) };
    let data = database.folder().unwrap_or(Path::new("."));
    hold(data, path).await.map(Some)
}

/// Keeps a second process from a data folder; the database's own files in it have this name.
///
/// # Errors
/// A folder that cannot be had, that another process has, or into which a backup was being restored by one that was
/// killed.
pub async fn hold(data: &Path, database: &Path) -> Result<File, StartError> {
    let held = hold_to_restore(data, database).await?;
    if restoring(database).exists() {
        return Err(StartError::Restoring(data.to_owned()));
    }
    Ok(held)
}

/// Where a database is while it is restored. Nobody else has a file there.
pub fn restoring(database: &Path) -> PathBuf {
    let mut path = database.as_os_str().to_owned();
    path.push(".restoring");
    path.into()
}

/// The same as [`hold`], also where a restore was killed.
///
/// # Errors
/// A folder that cannot be had, or that another process has.
pub async fn hold_to_restore(data: &Path, database: &Path) -> Result<File, StartError> {
    let failed = |source| StartError::Data { path: data.to_owned(), source };
    keep_private(data, database).map_err(failed)?;
    let lock = data.join("lock");
    let file = no_follow::open(private::options().create(true).truncate(false), &lock);
    let file = file.map_err(failed)?;
    let began = Instant::now();
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) if began.elapsed() < HANDED_OVER => {
                tokio::time::sleep(HANDED_OVER / 50).await;
            }
            Err(TryLockError::WouldBlock) => return Err(StartError::InUse(data.to_owned())),
            Err(TryLockError::Error(source)) => return Err(failed(source)),
        }
    }
}

/// Whether a process has the data folder.
pub fn is_held(data: &Path) -> bool {
    let Ok(file) = File::open(data.join("lock")) else { return false };
    matches!(file.try_lock(), Err(TryLockError::WouldBlock))
}

/// What is the server's in a data folder: its files, and the folder where it holds nothing else.
///
/// # Errors
/// A folder that cannot be read.
#[cfg(unix)]
pub fn ours(data: &Path, database: &DatabaseAddress) -> std::io::Result<Vec<std::path::PathBuf>> {
    let file = match database {
        DatabaseAddress::Sqlite(path) => path.clone(),
        DatabaseAddress::Postgres(_) => data.join("parlour.db"),
    };
    let (mut ours, mut is_ours_alone) = (Vec::new(), true);
    for entry in std::fs::read_dir(data)? {
        let entry = entry?;
        let is_ours = is_ours(&entry.file_name().to_string_lossy(), &file);
        is_ours_alone &= is_ours;
        if is_ours && entry.file_type()?.is_file() {
            ours.push(entry.path());
        }
    }
    if is_ours_alone {
        ours.push(data.to_owned());
    }
    Ok(ours)
}

fn is_ours(name: &str, database: &Path) -> bool {
    let stem = database.file_stem().unwrap_or_default().to_string_lossy();
    OURS.iter().any(|ours| name.starts_with(ours)) || name.starts_with(&format!("{stem}."))
}

/// Makes the data folder for the server alone, or makes it that with what is in it. One that holds other
/// things too is others' matter; what of it is the database's is narrowed all the same.
fn keep_private(data: &Path, database: &Path) -> std::io::Result<()> {
    if !data.is_dir() {
        return private::make_folder(data);
    }
    let mut is_ours_alone = true;
    for entry in std::fs::read_dir(data)? {
        let entry = entry?;
        let is_ours = is_ours(&entry.file_name().to_string_lossy(), database);
        is_ours_alone &= is_ours;
        if is_ours && entry.file_type()?.is_file() {
            private::narrow(&entry.path())?;
        }
    }
    if is_ours_alone { private::narrow(data) } else { Ok(()) }
}
