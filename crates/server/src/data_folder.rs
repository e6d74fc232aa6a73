//! The folder of a SQLite database: private, and locked while a process has it.

use crate::db::DatabaseAddress;
use crate::start_error::StartError;
use parlour_sqlite::private;
use std::fs::{File, TryLockError};
use std::path::Path;
use std::time::{Duration, Instant};

/// How long a process that is just ending may still have the folder.
const HANDED_OVER: Duration = Duration::from_secs(1);

/// What is in a data folder beside the database.
const OURS: [&str; 2] = ["lock", "tls.pem"];

/// Keeps a second process from a SQLite database. PostgreSQL takes as many as come.
///
/// # Errors
/// A folder that cannot be had, or that another process has.
pub async fn lock(database: &DatabaseAddress) -> Result<Option<File>, StartError> {
    let DatabaseAddress::Sqlite(path) = database else { return Ok(None) };
    let data = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let failed = |source| StartError::Data { path: data.to_owned(), source };
    keep_private(data, path).map_err(failed)?;
    let file =
        private::options().create(true).truncate(false).open(data.join("lock")).map_err(failed)?;
    let began = Instant::now();
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(Some(file)),
            Err(TryLockError::WouldBlock) if began.elapsed() < HANDED_OVER => {
                tokio::time::sleep(HANDED_OVER / 50).await;
            }
            Err(TryLockError::WouldBlock) => return Err(StartError::InUse(data.to_owned())),
            Err(TryLockError::Error(source)) => return Err(failed(source)),
        }
    }
}

/// Makes the data folder for the server alone, or makes it that with what is in it. One that holds other
/// things too is others' matter; what of it is the database's is narrowed all the same.
fn keep_private(data: &Path, database: &Path) -> std::io::Result<()> {
    if !data.is_dir() {
        return private::make_folder(data);
    }
    let stem = database.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let mut is_ours_alone = true;
    for entry in std::fs::read_dir(data)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let is_ours = OURS.contains(&name.as_str()) || name.starts_with(&format!("{stem}."));
        is_ours_alone &= is_ours;
        if is_ours && entry.file_type()?.is_file() {
            private::narrow(&entry.path())?;
        }
    }
    if is_ours_alone { private::narrow(data) } else { Ok(()) }
}
