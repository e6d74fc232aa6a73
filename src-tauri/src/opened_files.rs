//! The files that were opened with other programs, which need them on the disk as they are, and the one that was saved
//! last.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// The folder of the files that were opened, which is deleted when the program ends, and the path of the file that was
/// saved last.
pub struct OpenedFiles {
    folder: PathBuf,
    saved: Mutex<Option<PathBuf>>,
}

impl OpenedFiles {
    /// Names a folder that only this run of the program uses: in memory, where the system has such a place.
    pub fn new() -> Self {
        let below = dirs::runtime_dir().unwrap_or_else(std::env::temp_dir);
        let folder = below.join(format!("parlour-opened-{}", std::process::id()));
        Self { folder, saved: Mutex::default() }
    }

    /// Returns the folder, which may not exist yet.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Notes the file that was saved last.
    pub fn saved(&self, path: PathBuf) {
        *self.saved.lock().unwrap_or_else(PoisonError::into_inner) = Some(path);
    }

    /// Returns the file that was saved last.
    pub fn last_saved(&self) -> Option<PathBuf> {
        self.saved.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Deletes the files that were opened.
    pub fn delete(&self) {
        // There may be none.
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}
