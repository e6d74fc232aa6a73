//! The files of messages, copied into the export.

use crate::error::{Error, Result};
use crate::output::OutputFile;
use crate::progress::Reporter;
use parlour_protocol::export_lines::{FILE_NAME_BYTES, FILES_FOLDER};
use parlour_protocol::{FileHash, MessageFile, UniqueNames};
use parlour_store::{BlobReader, Store, mark_origin, private};
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// Number of bytes that are copied at once.
const CHUNK: usize = 1 << 20;

/// Where a file of a message is in the export.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum FilePlace {
    /// At this path, relative to the messages, with `/` on every system.
    Here(String),
    /// It was not on this computer.
    NotHere,
    /// Files were left out.
    LeftOut,
}

/// A file of a message, and where it is.
pub(crate) struct ExportedFile<'a> {
    pub file: &'a MessageFile,
    pub place: FilePlace,
}

/// Copies the files of one conversation, each once.
pub(crate) struct FileCopies<'a> {
    store: &'a Store,
    /// `None` if files are left out.
    folder: Option<PathBuf>,
    names: UniqueNames,
    by_hash: HashMap<FileHash, FilePlace>,
    /// Number of files that were copied.
    pub copied: u64,
    /// Number of files that were not on this computer.
    pub missing: u64,
}

impl<'a> FileCopies<'a> {
    /// Copies files next to the messages in `folder`, or leaves them out.
    pub fn new(store: &'a Store, folder: Option<&Path>) -> Self {
        Self {
            store,
            folder: folder.map(|folder| folder.join(FILES_FOLDER)),
            names: UniqueNames::default(),
            by_hash: HashMap::new(),
            copied: 0,
            missing: 0,
        }
    }

    /// Copies the files of a message, and returns where they are.
    ///
    /// # Errors
    /// Fails if a file cannot be written, or if the caller cancels. A file that cannot be read counts as not here.
    pub fn copy_all<'f>(
        &mut self,
        files: &'f [MessageFile],
        reporter: &mut Reporter<'_>,
    ) -> Result<Vec<ExportedFile<'f>>> {
        let exported =
            |file: &'f MessageFile| Ok(ExportedFile { file, place: self.copy(file, reporter)? });
        files.iter().map(exported).collect()
    }

    fn copy(&mut self, file: &MessageFile, reporter: &mut Reporter<'_>) -> Result<FilePlace> {
        let Some(folder) = self.folder.clone() else { return Ok(FilePlace::LeftOut) };
        if let Some(place) = self.by_hash.get(&file.hash) {
            return Ok(place.clone());
        }
        let place = match self.store.blob(file.hash)? {
            Some(reader) => self.write(&folder, reader, &file.name, reporter)?,
            None => FilePlace::NotHere,
        };
        match place {
            FilePlace::Here(_) => self.copied += 1,
            FilePlace::NotHere | FilePlace::LeftOut => self.missing += 1,
        }
        self.by_hash.insert(file.hash, place.clone());
        Ok(place)
    }

    fn write(
        &mut self,
        folder: &Path,
        mut reader: BlobReader,
        name: &str,
        reporter: &mut Reporter<'_>,
    ) -> Result<FilePlace> {
        private::ensure_folder(folder).map_err(Error::write(folder))?;
        let name = self.names.give(name, FILE_NAME_BYTES);
        let path = folder.join(&name);
        let mut output = OutputFile::create(&path)?;
        let mut offset = 0;
        while offset < reader.size() {
            reporter.check()?;
            let Ok(chunk) = reader.read_at(offset, CHUNK) else {
                // The copy on this computer is damaged.
                drop(output);
                std::fs::remove_file(&path).map_err(Error::write(&path))?;
                return Ok(FilePlace::NotHere);
            };
            offset += chunk.len() as u64;
            output.write(&chunk)?;
        }
        output.finish()?;
        mark_origin(&path).map_err(Error::write(&path))?;
        Ok(FilePlace::Here(format!("{FILES_FOLDER}/{name}")))
    }
}
