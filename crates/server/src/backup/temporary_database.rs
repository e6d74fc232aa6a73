//! A database that is in the making: a file that is there for a while.

use super::error::BackupError;
use crate::no_follow::give_to_owner;
use parlour_sqlite::durable;
use std::path::{Path, PathBuf};

/// A file of SQLite that is removed when it is not needed any more, unless it is given its place.
pub struct TemporaryDatabase(PathBuf);

impl TemporaryDatabase {
    /// Takes this path; what one that was killed left there is removed.
    pub fn begin(path: PathBuf) -> Self {
        let image = Self(path);
        image.remove();
        image
    }

    /// Returns where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Gives it its place, once it is on the disk.
    ///
    /// # Errors
    /// Fails if the disk does.
    pub fn finish(self, to: &Path) -> Result<(), BackupError> {
        let failed = |source| BackupError::Write { path: to.to_owned(), source };
        give_to_owner(&self.0).map_err(failed)?;
        durable::rename(&self.0, to).map_err(failed)
    }

    /// Removes it; whoever has it open can still read it, except on Windows, where it stays until nobody has.
    pub fn remove(&self) {
        // The file itself comes last: while it is there no server starts beside it.
        for end in ["-wal", "-shm", "-journal", ""] {
            let mut path = self.0.clone().into_os_string();
            path.push(end);
            // What was never made is not there.
            let _ = std::fs::remove_file(path);
        }
    }
}

impl Drop for TemporaryDatabase {
    fn drop(&mut self) {
        self.remove();
    }
}
