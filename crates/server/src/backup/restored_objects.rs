//! The bytes of files while a backup is restored.

use super::entry::Entry;
use super::error::BackupError;
use super::objects::{self, FileTotals, parse_entry_name};
use crate::db::{Pages, ServerId};
use crate::file_store::{FileKey, Owner, Restored, Store};
use parlour_protocol::limits::PART_BYTES;
use std::collections::HashSet;
use std::io::Error;
use std::path::Path;

/// The objects of a backup in a file store. If this is dropped without a call of `commit`, those that did not exist
/// before are removed.
pub struct RestoredObjects {
    store: Store,
    /// The server of the backup, if it had an identity.
    server: Option<ServerId>,
    /// The names of the entries that the backup's database refers to.
    known: HashSet<String>,
    /// The objects that did not exist before.
    new: Vec<(FileKey, String)>,
    /// All objects of the backup: a killed restore may have written some of them without syncing them.
    all: Vec<(FileKey, String)>,
}

impl RestoredObjects {
    /// Begins to restore into this store.
    pub fn begin(store: Store) -> Self {
        Self { store, server: None, known: HashSet::new(), new: Vec::new(), all: Vec::new() }
    }

    /// Reads which server the backup's database is that of. A database that cannot be read is found later.
    ///
    /// # Errors
    /// Fails if the store belongs to another server.
    pub fn read_server(&mut self, database: &Path) -> Result<(), BackupError> {
        self.server = Pages::open(database).ok().and_then(|pages| pages.server_id());
        let owner = self.server.as_ref().map(|server| self.store.owner(server));
        // A store that cannot be read may only be needed for its files.
        match owner {
            Some(Ok(Owner::Another)) => Err(BackupError::StoreOfAnother(self.store.to_string())),
            _ => Ok(()),
        }
    }

    /// Reads which objects the backup's database refers to: no others are restored.
    ///
    /// # Errors
    /// Fails if the database cannot be read.
    pub fn read_database(&mut self, database: &Path) -> Result<(), BackupError> {
        let objects = objects::list(&Pages::open(database)?)?;
        self.known = objects.iter().map(objects::StoredObject::entry_name).collect();
        Ok(())
    }

    /// Writes an entry of a backup into the store, unless the store contains the object already. `remaining` is how many
    /// bytes of files follow, with this one.
    ///
    /// # Errors
    /// Fails if the backup is damaged, or if the object cannot be written.
    pub fn put(&mut self, entry: &mut Entry<'_>, remaining: u64) -> Result<(), BackupError> {
        let name = entry.name.clone();
        let parsed = parse_entry_name(&name).filter(|_| self.known.contains(&name));
        let Some((key, object)) = parsed else {
            return Err(entry.damaged("it contains files that its database does not know"));
        };
        let bytes = entry.bytes_up_to(PART_BYTES as u64)?;
        let restored = self.store.restore(&key, object, bytes);
        let object = (key, object.to_owned());
        if restored.map_err(|source| self.failed(source, remaining.max(1)))? == Restored::New {
            self.new.push(object.clone());
        }
        self.all.push(object);
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
        let objects = self.all.iter().map(|(key, object)| (key, object.as_str()));
        self.store.sync(objects).map_err(|source| self.failed(source, 1))
    }

    /// Returns the files of a database that messages refer to and of which the store lacks a part; `None` if the store
    /// cannot be read.
    ///
    /// # Errors
    /// Fails if the database cannot be read.
    pub fn missing(&self, database: &Path) -> Result<Option<FileTotals>, BackupError> {
        let objects = objects::list(&Pages::open(database)?)?;
        Ok(objects::missing(&objects, &self.store).ok())
    }

    /// Keeps the objects, and marks the store as that of the backup's server, which keeps its identity.
    pub fn commit(mut self) {
        self.new.clear();
        if let Some(server) = self.server.as_ref().filter(|_| !self.all.is_empty()) {
            // If this fails, the server marks it before it writes its first object.
            let _ = self.store.claim(server);
        }
    }
}

impl Drop for RestoredObjects {
    fn drop(&mut self) {
        for (key, object) in &self.new {
            // One that cannot be removed is found by the next restore.
            let _ = self.store.remove_restored(key, object);
        }
    }
}
