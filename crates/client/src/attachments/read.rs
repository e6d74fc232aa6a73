//! Reads files of messages: for the page, to save them, and to list them.

use super::transfers::Transfer;
use crate::error::Result;
use crate::notice::Notice;
use crate::session::Session;
use parlour_protocol::{FileHash, LocalReason, MessageFile, MessageId};
use parlour_store::{BlobReader, FilePage, FilesQuery, WantedFile};
use serde::Serialize;
use std::io::Write;

/// Maximum number of files in one call.
const FILES: usize = 500;
/// Bytes that are read at once.
const PIECE: usize = 1 << 20;

/// Whether a file is on this computer, or on its way.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct FileState {
    /// The file.
    #[cfg_attr(feature = "ipc", specta(type = String))]
    pub hash: FileHash,
    /// Whether it is on this computer.
    pub is_here: bool,
    /// How far it is on its way.
    pub transfer: Option<Transfer>,
}

/// A file that is on this computer, to be read.
pub enum OpenedFile {
    /// A thumbnail.
    Small(Vec<u8>),
    /// A file of any size.
    Blob(BlobReader),
}

impl OpenedFile {
    /// Returns the size in bytes.
    pub fn size(&self) -> u64 {
        match self {
            Self::Small(bytes) => bytes.len() as u64,
            Self::Blob(reader) => reader.size(),
        }
    }

    /// Returns at most `most` bytes from a position on.
    ///
    /// # Errors
    /// Fails if the disk fails, or if the file is damaged.
    pub fn read_at(&mut self, from: u64, most: usize) -> std::io::Result<Vec<u8>> {
        match self {
            Self::Small(bytes) => {
                let rest = usize::try_from(from).ok().and_then(|from| bytes.get(from..));
                let rest = rest.unwrap_or_default();
                Ok(rest[..rest.len().min(most)].to_vec())
            }
            Self::Blob(reader) => reader.read_at(from, most),
        }
    }

    /// Writes all of it somewhere.
    ///
    /// # Errors
    /// Fails if it cannot be read or written.
    pub fn copy_to(&mut self, to: &mut impl Write) -> std::io::Result<()> {
        let mut at = 0;
        while at < self.size() {
            let piece = self.read_at(at, PIECE)?;
            at += piece.len() as u64;
            to.write_all(&piece)?;
        }
        Ok(())
    }
}

impl Session {
    /// Returns a file or a thumbnail that is on this computer, by its hash.
    pub fn open_file(&self, hash: FileHash) -> Result<Option<OpenedFile>> {
        let store = &self.context.store;
        if let Some(bytes) = store.mirror.thumbnail(hash)? {
            return Ok(Some(OpenedFile::Small(bytes)));
        }
        let found = store.blob(hash)?;
        if found.is_some() {
            store.note_file_use(hash, self.now())?;
        }
        Ok(found.map(OpenedFile::Blob))
    }

    /// Returns whether files and thumbnails are on this computer, or on their way.
    pub fn file_states(&self, hashes: &[FileHash]) -> Result<Vec<FileState>> {
        let state = |hash: &FileHash| {
            let hash = *hash;
            let store = &self.context.store;
            let is_here = store.has_file(hash)? || store.has_thumbnail(hash)?;
            Ok(FileState { hash, is_here, transfer: self.context.shared.transfers.find(hash) })
        };
        hashes.iter().take(FILES).map(state).collect()
    }

    /// Returns the description of a file of a message.
    ///
    /// # Errors
    /// Fails if there is none.
    pub fn file_of(&self, message: MessageId, index: usize) -> Result<MessageFile> {
        let found = self.context.store.file_of(message, index)?;
        Ok(found.ok_or(LocalReason::NotHere)?)
    }

    /// Returns a file of a message, with its bytes.
    ///
    /// # Errors
    /// Fails if its bytes are not on this computer.
    pub fn file_here(&self, message: MessageId, index: usize) -> Result<(MessageFile, OpenedFile)> {
        let file = self.file_of(message, index)?;
        let opened = self.open_file(file.hash)?.ok_or(LocalReason::FileNotHere)?;
        Ok((file, opened))
    }

    /// Fetches a file of a message as soon as there is a connection; [`Notice::Files`] says how far it is.
    pub fn fetch_file(&self, message: MessageId, index: usize) -> Result<()> {
        let file = self.file_of(message, index)?;
        if !self.context.store.has_file(file.hash)? {
            self.context.shared.transfers.note(file.hash, false, 0, file.bytes.0);
            self.context.fetches.add(WantedFile { message, index, file });
            self.context.notices.send(Notice::Files);
        }
        Ok(())
    }

    /// Gives up fetching a file. What has arrived stays for the next time.
    pub fn cancel_fetch(&self, hash: FileHash) {
        self.context.fetches.remove(hash);
        self.context.shared.transfers.end(hash);
        self.context.notices.send(Notice::Files);
    }

    /// Returns a page of the files that were shared, newest first.
    pub fn files(&self, query: &FilesQuery) -> Result<FilePage> {
        Ok(self.context.store.files(query)?)
    }
}
