//! The folder of an account: only one process uses it at a time.

use crate::disk;
use crate::error::{Error, Result};
use crate::file_names::{LOCK, MIRROR, OUTBOX, OUTBOX_COPY, OUTBOX_NEW};
use parlour_sqlite::{durable, private};
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

/// The outbox's files: at least one of them exists while the folder contains an account.
const OUTBOXES: [&str; 3] = [OUTBOX, OUTBOX_NEW, OUTBOX_COPY];

/// A locked folder: neither another process nor another part of this one uses it.
pub struct Folder {
    path: PathBuf,
    lock: File,
}

impl Folder {
    /// Creates the folder, if it does not exist yet, and locks it.
    ///
    /// # Errors
    /// Fails with [`Error::InUse`] if it is locked already, and with [`Error::Folder`] if it cannot be created
    /// or locked.
    pub fn claim(path: &Path) -> Result<Self> {
        if !path.is_dir() {
            private::create_folder(path).map_err(|source| folder_error(path, source))?;
            let mut parents = path.ancestors().skip(1).take(2);
            parents
                .try_for_each(durable::sync_folder)
                .map_err(|source| folder_error(path, source))?;
        }
        Self::lock(path)
    }

    /// Locks an existing folder.
    ///
    /// # Errors
    /// Same as [`Folder::claim`].
    pub fn lock(path: &Path) -> Result<Self> {
        let failed = |source| folder_error(path, source);
        let name = path.join(LOCK);
        let file = private::options().create(true).truncate(false).open(&name);
        let lock = file.map_err(failed)?;
        match lock.try_lock() {
            // The process that held the lock may have deleted everything in between.
            Ok(()) if name.exists() => Ok(Self { path: path.to_owned(), lock }),
            Ok(()) | Err(TryLockError::WouldBlock) => Err(Error::InUse(path.to_owned())),
            Err(TryLockError::Error(source)) => Err(failed(source)),
        }
    }

    /// Returns the path of the folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns whether the folder contains an account's outbox.
    pub fn has_account(&self) -> bool {
        has_account(&self.path)
    }

    /// Deletes everything in the folder except the lock file and the files named in `retained`.
    ///
    /// # Errors
    /// Fails with [`Error::Folder`] if something could not be deleted.
    pub fn empty(&self, retained: &[&str]) -> Result<()> {
        let failed = |source| folder_error(&self.path, source);
        for entry in std::fs::read_dir(&self.path).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let name = entry.file_name();
            if name != LOCK && !retained.iter().any(|retained| name == *retained) {
                remove(&entry.path()).map_err(failed)?;
            }
        }
        durable::sync_folder(&self.path).map_err(failed)
    }

    /// Deletes the folder with everything in it, permanently.
    ///
    /// # Errors
    /// Fails with [`Error::Folder`] if something could not be deleted.
    pub fn delete(self) -> Result<()> {
        // Deletes the account first and the lock last, so that a half-deleted folder counts as
        // having no account.
        self.empty(&[])?;
        let Self { path, lock } = self;
        drop(lock);
        std::fs::remove_dir_all(&path).map_err(|source| folder_error(&path, source))
    }
}

fn remove(path: &Path) -> std::io::Result<()> {
    if path.is_dir() { std::fs::remove_dir_all(path) } else { std::fs::remove_file(path) }
}

fn folder_error(path: &Path, source: std::io::Error) -> Error {
    Error::Folder { path: path.to_owned(), source }
}

/// Returns whether a folder contains an account; files of other programs may be in it, too.
pub fn has_account(folder: &Path) -> bool {
    OUTBOXES.iter().any(|name| folder.join(name).exists())
}

/// Deletes the mirror in a folder, and a damaged one that was set aside. Succeeds if there is none.
pub fn delete_mirror(folder: &Path) -> Result<()> {
    let path = folder.join(MIRROR);
    for file in [disk::suffixed(&path, ".damaged"), path] {
        disk::remove(&file).map_err(|source| folder_error(&file, source))?;
    }
    Ok(())
}
