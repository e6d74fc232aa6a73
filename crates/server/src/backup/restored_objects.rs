//! The bytes of files while a backup is restored.

use super::entry::Entry;
use super::error::BackupError;
use super::objects::{self, FileTotals, parse_entry_name};
use crate::db::Pages;
use crate::file_store::{FileKey, Store};
use parlour_protocol::limits::PART_BYTES;
use std::io::Error;
use std::path::Path;

/// Objects that were restored into a file store. If this is dropped without a call of `commit`, they are removed.
pub struct RestoredObjects {
    store: Store,
    written: Vec<(FileKey, String)>,
}

impl RestoredObjects {
    /// Begins to restore into this store.
    pub fn begin(store: Store) -> Self {
        Self { store, written: Vec::new() }
    }

    /// Writes an entry of a backup into the store, unless the store contains the same object already. `remaining` is
    /// how many bytes of files follow, with this one.
    ///
    /// # Errors
    /// Fails if the backup is damaged, or if the object cannot be written.
    pub fn put(&mut self, entry: &mut Entry<'_>, remaining: u64) -> Result<(), BackupError> {
        let name = entry.name.clone();
        let Some((key, object)) = parse_entry_name(&name) else {
            return Err(entry.damaged("it contains unexpected entries"));
        };
        let bytes = entry.bytes_up_to(PART_BYTES as u64)?;
        let restored = self.store.restore(&key, object, bytes);
        if restored.map_err(|source| self.failed(source, remaining.max(1)))? {
            self.written.push((key, object.to_owned()));
        }
        Ok(())
    }

    fn failed(&self, source: Error, missing_bytes: u64) -> BackupError {
        BackupError::unwritable(Path::new(&self.store.to_string()), source, missing_bytes)
    }

    /// Ensures that the objects are on the disk.
    ///
    /// # Errors
    /// Fails on an I/O error.
    pub fn sync(&self) -> Result<(), BackupError> {
        let objects = self.written.iter().map(|(key, object)| (key, object.as_str()));
        self.store.sync(objects).map_err(|source| self.failed(source, 1))
    }

    /// Returns the files of a database that messages refer to and of which the store lacks a part.
    ///
    /// # Errors
    /// Fails if the database cannot be read.
    pub fn missing(&self, database: &Path) -> Result<FileTotals, BackupError> {
        let objects = objects::list(&Pages::open(database)?)?;
        objects::missing(&objects, &self.store)
            .map_err(|source| BackupError::Read { path: self.store.to_string().into(), source })
    }

    /// Keeps the objects.
    pub fn commit(mut self) {
        self.written.clear();
    }
}

impl Drop for RestoredObjects {
    fn drop(&mut self) {
        for (key, object) in &self.written {
            // One that cannot be removed is replaced by the next restore.
            let _ = self.store.remove_restored(key, object);
        }
    }
}
