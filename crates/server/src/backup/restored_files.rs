//! The other files of a backup while it is restored.

use super::error::BackupError;
use super::extras::{Put, put};
use std::path::{Path, PathBuf};

/// The other files of a backup, in their places. Unless they are kept, they are removed, and what was there before is
/// there again.
#[derive(Default)]
pub struct RestoredFiles {
    put: Vec<Put>,
    left_out: Vec<String>,
}

impl RestoredFiles {
    /// Puts them into a folder, if there is one.
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

    /// Leaves them there; returns where they are, and the names of those for which there was no folder.
    pub fn keep(mut self) -> (Vec<PathBuf>, Vec<String>) {
        let put = std::mem::take(&mut self.put);
        (put.into_iter().map(|put| put.path).collect(), std::mem::take(&mut self.left_out))
    }
}

impl Drop for RestoredFiles {
    fn drop(&mut self) {
        for Put { path, before } in &self.put {
            // The next restore replaces what cannot be removed.
            let _ = match before {
                Some(before) => std::fs::rename(before, path),
                None => std::fs::remove_file(path),
            };
        }
    }
}
