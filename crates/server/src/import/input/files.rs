//! The files of an export, sorted by name.

use super::super::records::{Location, StopReason};
use super::archive::{Unpacked, unpack};
use super::entry::Entry;
use super::index::Index;
use parlour_protocol::FileLimits;
use std::cell::{OnceCell, RefCell};
use std::io::{Error, ErrorKind};
use std::path::Path;

/// Maximum depth of folders, beyond what any export has.
const MAX_DEPTH: usize = 16;
/// Maximum number of files of an export.
const MAX_FILES: usize = 2_000_000;

/// What a file of an export is used for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Use {
    /// For nothing so far.
    #[default]
    None,
    /// It is a part of the export that is read, so it cannot be attached to a message.
    Read,
    /// It is attached to a message.
    Attached,
}

/// The files of an export, sorted by name.
#[derive(Debug, Default)]
pub struct Files {
    /// All of them, sorted.
    pub entries: Vec<Entry>,
    /// What was left out, and why.
    pub skipped: Vec<(&'static str, String)>,
    /// The files of a second folder, in which the contents of attached files are looked for.
    pub(super) beside: Vec<Entry>,
    /// Which attached files are accepted; `None` for all that a message can have.
    pub(super) limits: Option<FileLimits>,
    /// What each entry is used for; empty before the first use.
    pub(super) uses: RefCell<Vec<Use>>,
    index: OnceCell<Index>,
    index_beside: OnceCell<Index>,
    /// Their unpacked archives, which are removed with the last use.
    unpacked: Vec<Unpacked>,
}

impl Files {
    /// Finds the files of a folder, or of an archive; or the single file. `limits` are those of attached files.
    pub fn find(path: &Path, limits: FileLimits) -> Result<Self, StopReason> {
        let failed = |source| StopReason::Read { path: path.to_owned(), source };
        let about = path.metadata().map_err(failed)?;
        if !about.is_dir() && !about.is_file() {
            // Opening a FIFO waits for whoever writes to it.
            return Err(failed(Error::new(
                ErrorKind::InvalidInput,
                "not a regular file or folder",
            )));
        }
        let mut files = if about.is_dir() {
            Self::in_folder(path, None)?
        } else if let Some(unpacked) = unpack(path)? {
            let folder = unpacked.folder().to_owned();
            let skipped = unpacked.skipped.clone();
            let mut files = Self::in_folder(&folder, Some(unpacked))?;
            files.skipped.extend(skipped);
            files
        } else {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let location = Location::Disk(path.to_owned());
            let entries = vec![Entry { name, location, bytes: about.len() }];
            Self { entries, ..Self::default() }
        };
        files.limits = Some(limits);
        Ok(files)
    }

    /// Adds the files of another export, as if they were in a folder of this name.
    pub fn add_export(&mut self, folder: &str, mut other: Self) {
        for entry in &mut other.entries {
            entry.name = format!("{folder}/{}", entry.name);
        }
        self.entries.append(&mut other.entries);
        self.entries.sort_by(|a, b| a.name.cmp(&b.name));
        self.skipped.append(&mut other.skipped);
        self.unpacked.append(&mut other.unpacked);
    }

    /// Adds the files of a second folder, in which the contents of attached files are looked for, too.
    pub fn add_beside(&mut self, folder: &Path) -> Result<(), StopReason> {
        let found = Self::in_folder(folder, None)?;
        self.beside = found.entries;
        self.skipped.extend(found.skipped);
        Ok(())
    }

    /// Returns files in memory.
    #[cfg(any(test, fuzzing))]
    pub fn in_memory(files: &[(&str, &[u8])]) -> Self {
        let entry = |(name, bytes): &(&str, &[u8])| Entry {
            name: (*name).to_owned(),
            location: Location::Memory((*bytes).into()),
            bytes: bytes.len() as u64,
        };
        let mut entries: Vec<Entry> = files.iter().map(entry).collect();
        entries.sort_by(|a, b| a.name.cmp(&b.name));
        Self { entries, ..Self::default() }
    }

    fn in_folder(root: &Path, unpacked: Option<Unpacked>) -> Result<Self, StopReason> {
        let mut files = Self { unpacked: unpacked.into_iter().collect(), ..Self::default() };
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
        found.min_by_key(|entry| entry.depth())
    }

    /// Returns the files whose paths start with this.
    pub fn starting_with(&self, start: &str) -> impl Iterator<Item = &Entry> {
        let first = self.entries.partition_point(|entry| entry.name.as_str() < start);
        self.entries[first..].iter().take_while(move |entry| entry.name.starts_with(start))
    }

    /// Returns the total size of all files, in bytes.
    pub fn bytes(&self) -> u64 {
        self.entries.iter().map(|entry| entry.bytes).sum()
    }

    /// Returns the index of the export's files, and the one of the second folder's.
    pub(super) fn indexes(&self) -> (&Index, &Index) {
        let of = |entries: &[Entry]| Index::new(entries.iter().map(|entry| entry.name.as_str()));
        let index = self.index.get_or_init(|| of(&self.entries));
        (index, self.index_beside.get_or_init(|| of(&self.beside)))
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_file_or_folder_is_refused_without_being_opened() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("socket");
        let _socket = std::os::unix::net::UnixListener::bind(&path).unwrap();
        match Files::find(&path, crate::file_store::FileSettings::default().limits(0)) {
            Err(StopReason::Read { source, .. }) => {
                assert_eq!(source.kind(), ErrorKind::InvalidInput);
            }
            other => panic!("{other:?}"),
        }
    }
}
