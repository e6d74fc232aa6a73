//! The other files of a backup while it is restored.

use super::error::BackupError;
use super::extras::{Put, put};
use std::path::{Path, PathBuf};

/// The restored files at their final paths. When this is dropped without being kept, they are removed, and the files
/// that they replaced are moved back.
#[derive(Default)]
pub struct RestoredFiles {
    put: Vec<Put>,
    left_out: Vec<String>,
}

impl RestoredFiles {
    /// Writes the files into a folder, if one is given.
    ///
    /// # Errors
    /// Fails if the disk does.
    pub fn put(
        extras: &[(&'static str, Vec<u8>)],
        folder: Option<&Path>,
    ) -> Result<Self, BackupError> {
        let mut restored_files = Self::default();
        for (name, bytes) in extras {
            match folder {
                Some(folder) => restored_files.put.extend(put(folder, name, bytes)?),
                None => restored_files.left_out.push((*name).to_owned()),
            }
        }
        Ok(restored_files)
    }

    /// Keeps the files; returns their paths, and the names of those for which no folder was given.
    pub fn keep(mut self) -> (Vec<PathBuf>, Vec<String>) {
        let put = std::mem::take(&mut self.put);
        (put.into_iter().map(|put| put.path).collect(), std::mem::take(&mut self.left_out))
    }
}

impl Drop for RestoredFiles {
    fn drop(&mut self) {
        for Put { path, before } in &self.put {
            // A file that cannot be removed is replaced by the next restore.
            let _ = match before {
                Some(before) => std::fs::rename(before, path),
                None => std::fs::remove_file(path),
            };
        }
    }
}
