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
    lock: Lock,
}

/// A locked file. It is unlocked explicitly: closing it is not enough while another thread starts a program, because
/// the new process has a copy of every descriptor until it executes the program, and the lock lasts as long as any copy.
struct Lock(File);

impl Drop for Lock {
    fn drop(&mut self) {
        // It ends with the last copy at the latest.
        let _ = self.0.unlock();
    }
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
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(Error::InUse(path.to_owned())),
            Err(TryLockError::Error(source)) => return Err(failed(source)),
        }
        let lock = Lock(lock);
        // The process that held the lock may have deleted everything in between.
        if !name.exists() {
            return Err(Error::InUse(path.to_owned()));
        }
        Ok(Self { path: path.to_owned(), lock })
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

#[cfg(test)]
mod tests {
    use super::Folder;

    #[test]
    fn a_folder_is_free_although_a_process_that_is_being_started_has_a_copy_of_its_lock() {
        let parent = tempfile::tempdir().unwrap();
        let path = parent.path().join("account");
        let folder = Folder::claim(&path).unwrap();
        let copy = folder.lock.0.try_clone().unwrap();
        assert!(Folder::lock(&path).is_err(), "it is locked");
        drop(folder);
        assert!(Folder::lock(&path).is_ok());
        drop(copy);
    }
}
