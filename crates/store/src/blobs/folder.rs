//! The folder with the bytes of an account's files.

use super::{BlobReader, BlobWriter, Secret};
use crate::error::{Error, Result};
use crate::file_names::FILES;
use parlour_sqlite::{durable, private};
use std::collections::HashSet;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

/// What follows the name of a file that is being written for the first time.
const NEW: &str = ".new";

/// The folder with the bytes of an account's files; none if the account's files are in memory.
#[derive(Default)]
pub(crate) struct BlobFolder {
    path: Option<PathBuf>,
    /// Held while a file gets its name and its secret is stored, and while files without a secret are removed.
    pub placing: Mutex<()>,
}

impl BlobFolder {
    pub fn in_folder(folder: &Path) -> Self {
        Self { path: Some(folder.join(FILES)), placing: Mutex::default() }
    }

    /// Begins a file, under a name of which [`Self::place`] makes the real one.
    pub fn create(&self, secret: &Secret) -> Result<BlobWriter> {
        let folder = self.path()?;
        if !folder.is_dir() {
            private::create_folder(folder).map_err(|source| failed(folder, source))?;
            let parents = folder.parent().map_or(Ok(()), durable::sync_folder);
            parents.map_err(|source| failed(folder, source))?;
        }
        let path = self.new_name(secret)?;
        BlobWriter::create(&path, secret).map_err(|source| failed(&path, source))
    }

    /// Gives a file that is finished its name.
    pub fn place(&self, secret: &Secret) -> Result<()> {
        let path = self.path()?.join(secret.name());
        durable::rename(&self.new_name(secret)?, &path).map_err(|source| failed(&path, source))
    }

    /// Removes a file that was not finished.
    pub fn give_up(&self, secret: &Secret) {
        if let Ok(path) = self.new_name(secret) {
            let _ = std::fs::remove_file(path);
        }
    }

    /// Continues a file that has its name already.
    pub fn resume(&self, secret: &Secret, received: u64) -> Result<BlobWriter> {
        let path = self.path()?.join(secret.name());
        BlobWriter::resume(&path, secret, received).map_err(|source| failed(&path, source))
    }

    /// Opens a file that is whole; `None` if it is gone.
    pub fn open(&self, secret: &Secret, bytes: i64) -> Result<Option<BlobReader>> {
        let path = self.path()?.join(secret.name());
        match BlobReader::open(&path, secret, bytes.unsigned_abs()) {
            Ok(reader) => Ok(Some(reader)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(source) => Err(failed(&path, source)),
        }
    }

    /// Removes every file whose name is not one of these. Files that are being written stay, unless `all` says that
    /// nobody writes any.
    pub fn keep_only(&self, names: &HashSet<String>, all: bool) -> Result<()> {
        let Some(folder) = &self.path else { return Ok(()) };
        let entries = match std::fs::read_dir(folder) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            entries => entries.map_err(|source| failed(folder, source))?,
        };
        for entry in entries {
            let entry = entry.map_err(|source| failed(folder, source))?;
            let name = entry.file_name();
            let is_known = name
                .to_str()
                .is_some_and(|name| names.contains(name) || (!all && name.ends_with(NEW)));
            if !is_known {
                match std::fs::remove_file(entry.path()) {
                    Err(error) if error.kind() != ErrorKind::NotFound => {
                        return Err(failed(&entry.path(), error));
                    }
                    _ => {}
                }
            }
        }
        Ok(())
    }

    fn new_name(&self, secret: &Secret) -> Result<PathBuf> {
        Ok(self.path()?.join(format!("{}{NEW}", secret.name())))
    }

    fn path(&self) -> Result<&Path> {
        let missing = || failed(Path::new(FILES), ErrorKind::NotFound.into());
        self.path.as_deref().ok_or_else(missing)
    }
}

/// Returns a failure of the disk as the store's error.
pub(crate) fn failed(path: &Path, source: std::io::Error) -> Error {
    Error::Folder { path: path.to_owned(), source }
}
