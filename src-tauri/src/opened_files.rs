//! The decrypted copies of files that were opened with other programs, and the path of the last saved file or export.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// The folder of the decrypted copies, which is deleted when the app ends, and the path of the last saved file
/// or export.
pub struct OpenedFiles {
    folder: PathBuf,
    saved: Mutex<Option<PathBuf>>,
}

impl OpenedFiles {
    /// Chooses a folder for this process: in memory, if the system has a runtime folder. Does not create it.
    pub fn new() -> Self {
        let parent = dirs::runtime_dir().unwrap_or_else(std::env::temp_dir);
        let folder = parent.join(format!("parlour-opened-{}", std::process::id()));
        Self { folder, saved: Mutex::default() }
    }

    /// Returns the folder, which may not exist yet.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Stores the path of the last saved file or export.
    pub fn set_last_saved(&self, path: PathBuf) {
        *self.saved.lock().unwrap_or_else(PoisonError::into_inner) = Some(path);
    }

    /// Returns the path of the last saved file or export.
    pub fn last_saved(&self) -> Option<PathBuf> {
        self.saved.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Deletes the decrypted copies.
    pub fn delete(&self) {
        // Fails if there are none.
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}
