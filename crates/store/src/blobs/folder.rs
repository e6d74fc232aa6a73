//! The folder with the bytes of an account's files.

use super::{BlobReader, BlobWriter, Secret};
use crate::error::{Error, Result};
use crate::file_names::FILES;
use parlour_sqlite::{durable, private};
use std::collections::HashSet;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

/// The suffix of the name of a file that is not complete yet.
const TEMP_SUFFIX: &str = ".new";

/// The folder with the bytes of an account's files; none if the account's files are in memory.
#[derive(Default)]
pub(crate) struct BlobFolder {
    path: Option<PathBuf>,
    /// Held while a file is committed and its secret is stored, and while files without a secret are removed.
    pub commit_lock: Mutex<()>,
}

impl BlobFolder {
    pub fn in_folder(folder: &Path) -> Self {
        Self { path: Some(folder.join(FILES)), commit_lock: Mutex::default() }
    }

    /// Begins a file, under a name of which [`Self::commit`] makes the real one.
    pub fn create(&self, secret: &Secret) -> Result<BlobWriter> {
        let folder = self.path()?;
        if !folder.is_dir() {
            private::create_folder(folder).map_err(|source| failed(folder, source))?;
            let parents = folder.parent().map_or(Ok(()), durable::sync_folder);
            parents.map_err(|source| failed(folder, source))?;
        }
        let path = self.temp_path(secret)?;
        BlobWriter::create(&path, secret).map_err(|source| failed(&path, source))
    }

    /// Renames a complete file to its final name.
    pub fn commit(&self, secret: &Secret) -> Result<()> {
        let path = self.path()?.join(secret.name());
        durable::rename(&self.temp_path(secret)?, &path).map_err(|source| failed(&path, source))
    }

    /// Removes a file that was not committed.
    pub fn abandon(&self, secret: &Secret) {
        if let Ok(path) = self.temp_path(secret) {
            let _ = std::fs::remove_file(path);
        }
    }

    /// Continues to write a file that was committed.
    pub fn resume(&self, secret: &Secret, received: u64) -> Result<BlobWriter> {
        let path = self.path()?.join(secret.name());
        BlobWriter::resume(&path, secret, received).map_err(|source| failed(&path, source))
    }

    /// Opens a complete file; `None` if it does not exist.
    pub fn open(&self, secret: &Secret, size: i64) -> Result<Option<BlobReader>> {
        let path = self.path()?.join(secret.name());
        match BlobReader::open(&path, secret, size.unsigned_abs()) {
            Ok(reader) => Ok(Some(reader)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(source) => Err(failed(&path, source)),
        }
    }

    /// Removes every file whose name is not one of these. Files that are being written stay, unless `all` is
    /// set.
    pub fn delete_others(&self, names: &HashSet<String>, all: bool) -> Result<()> {
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
                .is_some_and(|name| names.contains(name) || (!all && name.ends_with(TEMP_SUFFIX)));
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

    fn temp_path(&self, secret: &Secret) -> Result<PathBuf> {
        Ok(self.path()?.join(format!("{}{TEMP_SUFFIX}", secret.name())))
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
