//! The files of a backup besides the database, during a restore.

use super::error::BackupError;
use super::extras::{RestoredFile, restore_file};
use std::path::{Path, PathBuf};

/// The restored files at their final paths. If this is dropped without a call of [`Self::commit`], they are removed,
/// and the files that they replaced are moved back.
#[derive(Default)]
pub struct RestoredFiles {
    restored: Vec<RestoredFile>,
    left_out: Vec<String>,
}

impl RestoredFiles {
    /// Writes the files into a folder, if one is given.
    ///
    /// # Errors
    /// Fails on an I/O error.
    pub fn put(extras: &[(String, Vec<u8>)], folder: Option<&Path>) -> Result<Self, BackupError> {
        let mut restored_files = Self::default();
        for (name, bytes) in extras {
            match folder {
                Some(folder) => restored_files.restored.extend(restore_file(folder, name, bytes)?),
                None => restored_files.left_out.push(name.clone()),
            }
        }
        Ok(restored_files)
    }

    /// Keeps the files; returns their paths, and the names of those for which no folder was given.
    pub fn commit(mut self) -> (Vec<PathBuf>, Vec<String>) {
        let restored = std::mem::take(&mut self.restored);
        (restored.into_iter().map(|file| file.path).collect(), std::mem::take(&mut self.left_out))
    }
}

impl Drop for RestoredFiles {
    fn drop(&mut self) {
        for RestoredFile { path, replaced } in &self.restored {
            // A file that cannot be removed is replaced by the next restore.
            let _ = match replaced {
                Some(replaced) => std::fs::rename(replaced, path),
                None => std::fs::remove_file(path),
            };
        }
    }
}
