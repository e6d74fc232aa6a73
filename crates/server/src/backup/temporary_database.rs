//! A temporary SQLite file.

use super::error::BackupError;
use crate::no_follow::chown_to_folder_owner;
use parlour_sqlite::{SIDE_SUFFIXES, durable};
use std::path::{Path, PathBuf};

/// A SQLite file that is removed when this is dropped, unless it was given its final path.
pub struct TemporaryDatabase(PathBuf);

impl TemporaryDatabase {
    /// Uses this path; removes files that a killed process left there.
    pub fn begin(path: PathBuf) -> Self {
        let image = Self(path);
        image.remove();
        image
    }

    /// Returns its path.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Flushes it to the disk and renames it to its final path.
    ///
    /// # Errors
    /// Fails on an I/O error.
    pub fn finish(self, to: &Path) -> Result<(), BackupError> {
        let failed = |source| BackupError::Write { path: to.to_owned(), source };
        chown_to_folder_owner(&self.0).map_err(failed)?;
        durable::rename(&self.0, to).map_err(failed)
    }

    /// Removes it. Processes that have it open can still read it, except on Windows, where it remains until all have
    /// closed it.
    pub fn remove(&self) {
        // The database itself is removed last: while it exists, no server starts in this folder.
        for end in SIDE_SUFFIXES.into_iter().chain([""]) {
            let mut path = self.0.clone().into_os_string();
            path.push(end);
            // A file that was never created need not be removed.
            let _ = std::fs::remove_file(path);
        }
    }
}

impl Drop for TemporaryDatabase {
    fn drop(&mut self) {
        self.remove();
    }
}
