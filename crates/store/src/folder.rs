//! The folder of an account: one process has it at a time.

use crate::disk;
use crate::error::{Error, Result};
use parlour_sqlite::{durable, private};
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

/// Of these, one is there while there is an account.
const OUTBOXES: [&str; 3] = ["outbox.db", "outbox.db.new", "outbox.db.copy"];

/// A folder that no other process has, and nobody else in this one.
pub struct Folder {
    path: PathBuf,
    lock: File,
}

impl Folder {
    /// Makes it, if it is not there yet, and takes it.
    ///
    /// # Errors
    /// [`Error::InUse`] if somebody has it; or it cannot be made.
    pub fn claim(path: &Path) -> Result<Self> {
        if !path.is_dir() {
            private::create_folder(path).map_err(|source| failed(path, source))?;
            let mut parents = path.ancestors().skip(1).take(2);
            parents.try_for_each(durable::sync_folder).map_err(|source| failed(path, source))?;
        }
        Self::of(path)
    }

    /// Takes one that is there.
    ///
    /// # Errors
    /// As [`Folder::claim`].
    pub fn of(path: &Path) -> Result<Self> {
        let failed = |source| failed(path, source);
        let name = path.join("lock");
        let file = private::options().create(true).truncate(false).open(&name);
        let lock = file.map_err(failed)?;
        match lock.try_lock() {
            // Who had it may have deleted it all in between.
            Ok(()) if name.exists() => Ok(Self { path: path.to_owned(), lock }),
            Ok(()) | Err(TryLockError::WouldBlock) => Err(Error::InUse(path.to_owned())),
            Err(TryLockError::Error(source)) => Err(failed(source)),
        }
    }

    /// Its path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether it holds an account's outbox.
    pub fn has_account(&self) -> bool {
        has_account(&self.path)
    }

    /// Deletes everything in it but these files, and not what it is locked by.
    ///
    /// # Errors
    /// Something stays.
    pub fn empty(&self, kept: &[&str]) -> Result<()> {
        let failed = |source| failed(&self.path, source);
        for entry in std::fs::read_dir(&self.path).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let name = entry.file_name();
            if name != "lock" && !kept.iter().any(|kept| name == *kept) {
                remove(&entry.path()).map_err(failed)?;
            }
        }
        durable::sync_folder(&self.path).map_err(failed)
    }

    /// Deletes it with all that is in it, for ever.
    ///
    /// # Errors
    /// Something stays.
    pub fn delete(self) -> Result<()> {
        // The account first, the lock last: a half of it is none, and nobody's.
        self.empty(&[])?;
        let Self { path, lock } = self;
        drop(lock);
        std::fs::remove_dir_all(&path).map_err(|source| failed(&path, source))
    }
}

fn remove(path: &Path) -> std::io::Result<()> {
    if path.is_dir() { std::fs::remove_dir_all(path) } else { std::fs::remove_file(path) }
}

fn failed(path: &Path, source: std::io::Error) -> Error {
    Error::Folder { path: path.to_owned(), source }
}

/// Whether an account is in a folder: others' files may lie about.
pub fn has_account(folder: &Path) -> bool {
    OUTBOXES.iter().any(|name| folder.join(name).exists())
}

/// Deletes the mirror in a folder, and a damaged one that was set aside. No error if there is none.
pub fn delete_mirror(folder: &Path) -> Result<()> {
    let path = folder.join("mirror.db");
    for file in [disk::suffixed(&path, ".damaged"), path] {
        disk::remove(&file).map_err(|source| failed(&file, source))?;
    }
    Ok(())
}
