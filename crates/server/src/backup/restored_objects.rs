//! The bytes of files while a backup is restored.

use super::entry::Entry;
use super::error::BackupError;
use super::objects::{self, FileTotals, StoredObject, parse_entry_name};
use crate::db::Pages;
use crate::file_store::{FileKey, Folder};
use parlour_protocol::limits::PART_BYTES;
use std::path::Path;

/// Objects that were restored into a file store. If this is dropped without a call of `commit`, they are removed.
pub struct RestoredObjects {
    store: Folder,
    written: Vec<(FileKey, String)>,
}

impl RestoredObjects {
    /// Begins to restore into this store.
    pub fn begin(store: Folder) -> Self {
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
        if self.store.contains(&key, object, &bytes) {
            return Ok(());
        }
        // Noted first, so that the folder of the file is removed even if the object cannot be written.
        self.written.push((key.clone(), object.to_owned()));
        let written = self.store.restore(&key, object, &bytes);
        written
            .map_err(|source| BackupError::unwritable(self.store.path(), source, remaining.max(1)))
    }

    /// Ensures that the objects are on the disk.
    ///
    /// # Errors
    /// Fails on an I/O error.
    pub fn sync(&self) -> Result<(), BackupError> {
        let objects = self.written.iter().map(|(key, object)| (key, object.as_str()));
        let synced = self.store.sync(objects);
        synced.map_err(|source| BackupError::unwritable(self.store.path(), source, 1))
    }

    /// Returns the files of a database that messages refer to and of which the store lacks a part.
    ///
    /// # Errors
    /// Fails if the database cannot be read.
    pub fn missing(&self, database: &Path) -> Result<FileTotals, BackupError> {
        let objects = objects::list(&Pages::open(database)?)?;
        let is_missing = |object: &&StoredObject| object.is_used && !object.exists_in(&self.store);
        Ok(objects::totals(objects.iter().filter(is_missing)))
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
            let _ = self.store.remove_with_empty_folder(key, object);
        }
    }
}
