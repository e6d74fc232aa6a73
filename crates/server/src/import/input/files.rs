//! The files of an export, sorted by name.

use super::super::records::StopReason;
use super::archive::{Unpacked, unpack};
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

/// Maximum depth of folders, beyond what any export has.
const MAX_DEPTH: usize = 16;
/// Maximum number of files of an export.
const MAX_FILES: usize = 2_000_000;

/// The location of a file.
#[derive(Debug, Clone)]
pub enum Location {
    /// On the disk.
    Disk(PathBuf),
    /// In memory, for tests.
    #[cfg(any(test, fuzzing))]
    Memory(std::sync::Arc<[u8]>),
}

/// A file of an export.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Its path relative to the export, with slashes.
    pub name: String,
    /// Its location.
    pub location: Location,
    /// Its length in bytes.
    pub bytes: u64,
}

impl Entry {
    /// Returns the last part of its path.
    pub fn file_name(&self) -> &str {
        self.name.rsplit('/').next().unwrap_or_default()
    }

    /// Returns the path of its folder relative to the export; empty for the top folder.
    pub fn folder(&self) -> &str {
        self.name.rsplit_once('/').map_or("", |(folder, _)| folder)
    }

    /// Returns the extension of its name, in lower case.
    pub fn extension(&self) -> String {
        let extension = self.file_name().rsplit_once('.').map(|(_, extension)| extension);
        extension.unwrap_or_default().to_lowercase()
    }

    /// Opens it.
    pub fn open(&self) -> Result<Box<dyn Read>, StopReason> {
        match &self.location {
            Location::Disk(path) => {
                let file = File::open(path).map_err(|source| self.failed(source))?;
                Ok(Box::new(file))
            }
            #[cfg(any(test, fuzzing))]
            Location::Memory(bytes) => Ok(Box::new(std::io::Cursor::new(bytes.clone()))),
        }
    }

    /// Reads all of it, unless it is larger than `max_bytes` bytes.
    pub fn read_up_to(&self, max_bytes: u64) -> Result<Option<Vec<u8>>, StopReason> {
        let mut bytes = Vec::new();
        let mut file = self.open()?.take(max_bytes + 1);
        file.read_to_end(&mut bytes).map_err(|source| self.failed(source))?;
        Ok((bytes.len() as u64 <= max_bytes).then_some(bytes))
    }

    /// Reads its first bytes.
    pub fn beginning(&self, bytes: u64) -> Result<Vec<u8>, StopReason> {
        let mut read = Vec::new();
        let mut file = self.open()?.take(bytes);
        file.read_to_end(&mut read).map_err(|source| self.failed(source))?;
        Ok(read)
    }

    /// Returns the error that it could not be read.
    pub fn failed(&self, source: std::io::Error) -> StopReason {
        StopReason::Read { path: self.name.clone().into(), source }
    }
}

/// The files of an export, sorted by name.
#[derive(Debug, Default)]
pub struct Files {
    /// All of them, sorted.
    pub entries: Vec<Entry>,
    /// What was left out, and why.
    pub skipped: Vec<(&'static str, String)>,
    /// Their unpacked archive, which is removed with the last use.
    _unpacked: Option<Unpacked>,
}

impl Files {
    /// Finds the files of a folder, or of an archive; or the single file.
    pub fn find(path: &Path) -> Result<Self, StopReason> {
        let failed = |source| StopReason::Read { path: path.to_owned(), source };
        let about = path.metadata().map_err(failed)?;
        if about.is_dir() {
            return Self::in_folder(path, None);
        }
        if let Some(unpacked) = unpack(path)? {
            let folder = unpacked.folder().to_owned();
            let skipped = unpacked.skipped.clone();
            let mut files = Self::in_folder(&folder, Some(unpacked))?;
            files.skipped.extend(skipped);
            return Ok(files);
        }
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let entries =
            vec![Entry { name, location: Location::Disk(path.to_owned()), bytes: about.len() }];
        Ok(Self { entries, ..Self::default() })
    }

    /// Returns files in memory.
    #[cfg(any(test, fuzzing))]
    pub fn in_memory(files: &[(&str, &[u8])]) -> Self {
        let entry = |(name, bytes): &(&str, &[u8])| Entry {
            name: (*name).to_owned(),
            location: Location::Memory((*bytes).into()),
            bytes: bytes.len() as u64,
        };
        Self { entries: files.iter().map(entry).collect(), ..Self::default() }
    }

    fn in_folder(root: &Path, unpacked: Option<Unpacked>) -> Result<Self, StopReason> {
        let mut files = Self { _unpacked: unpacked, ..Self::default() };
        files.add_folder(root, "", 0)?;
        files.entries.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(files)
    }

    fn add_folder(&mut self, folder: &Path, prefix: &str, depth: usize) -> Result<(), StopReason> {
        let failed = |source| StopReason::Read { path: folder.to_owned(), source };
        for entry in std::fs::read_dir(folder).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let file_name = entry.file_name().to_string_lossy().into_owned();
            let name = format!("{prefix}{file_name}");
            let kind = entry.file_type().map_err(failed)?;
            if file_name == "__MACOSX" || file_name == ".DS_Store" || file_name == "Thumbs.db" {
                continue;
            }
            if kind.is_dir() && depth < MAX_DEPTH {
                self.add_folder(&entry.path(), &format!("{name}/"), depth + 1)?;
            } else if kind.is_file() && self.entries.len() < MAX_FILES {
                let bytes = entry.metadata().map_err(failed)?.len();
                self.entries.push(Entry { name, location: Location::Disk(entry.path()), bytes });
            } else {
                self.skipped.push((
                    "not a regular file, or too deeply nested, or one too many, left out",
                    name,
                ));
            }
        }
        Ok(())
    }

    /// Returns the file with this name that is nearest to the top folder.
    pub fn named(&self, file_name: &str) -> Option<&Entry> {
        let found = self.entries.iter().filter(|entry| entry.file_name() == file_name);
        found.min_by_key(|entry| entry.name.matches('/').count())
    }

    /// Returns the total size of all files, in bytes.
    pub fn bytes(&self) -> u64 {
        self.entries.iter().map(|entry| entry.bytes).sum()
    }
}
