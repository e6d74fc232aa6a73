//! The path of a database's file itself. On Unix, SQLite follows links to it, and keeps a database's other files next
//! to the file.

use std::io::Result;
use std::path::{Path, PathBuf};

/// Returns the path of an existing file, on Unix without symbolic links in it.
///
/// # Errors
/// Fails if the file does not exist.
pub fn resolve(path: &Path) -> Result<PathBuf> {
    if cfg!(unix) { path.canonicalize() } else { Ok(path.to_owned()) }
}

/// Returns the path next to which SQLite keeps the other files of a database: on Unix, that of the target if this is a
/// link.
pub fn follow(database: &Path) -> PathBuf {
    if database.is_symlink()
        && let Ok(file) = resolve(database)
    {
        return file;
    }
    database.to_owned()
}
