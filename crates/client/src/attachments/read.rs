//! Reads files of messages: for the page, to save them, and to list them.

use super::picture::{self, Pixels};
use super::transfers::Transfer;
use crate::error::Result;
use crate::notice::Notice;
use crate::session::Session;
use parlour_protocol::{FileHash, LocalReason, MessageFile, MessageId};
use parlour_store::{BlobReader, FilePage, FileToFetch, FilesQuery};
use serde::Serialize;
use std::io::Write;

/// Maximum number of files in one call.
const FILES: usize = 500;
/// Number of bytes that are read at once.
const CHUNK_BYTES: usize = 1 << 20;

/// Whether a file is on this computer, or being transferred.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct FileState {
    /// The file.
    #[cfg_attr(feature = "ipc", specta(type = String))]
    pub hash: FileHash,
    /// Whether it is on this computer.
    pub is_here: bool,
    /// Its transfer, if it is being uploaded or fetched.
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

    /// Returns at most `max` bytes from a position on.
    ///
    /// # Errors
    /// Fails on an I/O error, or if the file is damaged.
    pub fn read_at(&mut self, offset: u64, max: usize) -> std::io::Result<Vec<u8>> {
        match self {
            Self::Small(bytes) => {
                let rest = usize::try_from(offset).ok().and_then(|offset| bytes.get(offset..));
                let rest = rest.unwrap_or_default();
                Ok(rest[..rest.len().min(max)].to_vec())
            }
            Self::Blob(reader) => reader.read_at(offset, max),
        }
    }

    /// Writes the whole file to a writer.
    ///
    /// # Errors
    /// Fails if it cannot be read or written.
    pub fn copy_to(&mut self, writer: &mut impl Write) -> std::io::Result<()> {
        let mut offset = 0;
        while offset < self.size() {
            let chunk = self.read_at(offset, CHUNK_BYTES)?;
            offset += chunk.len() as u64;
            writer.write_all(&chunk)?;
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
            store.record_file_use(hash, self.now())?;
        }
        Ok(found.map(OpenedFile::Blob))
    }

    /// Returns whether files and thumbnails are on this computer, or being transferred.
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
    pub fn local_file(
        &self,
        message: MessageId,
        index: usize,
    ) -> Result<(MessageFile, OpenedFile)> {
        let file = self.file_of(message, index)?;
        let opened = self.open_file(file.hash)?.ok_or(LocalReason::FileNotHere)?;
        Ok((file, opened))
    }

    /// Returns the pixels of a picture of a message. This takes time and memory: call it outside of the async runtime.
    ///
    /// # Errors
    /// Fails if its bytes are not on this computer, or with [`LocalReason::PictureUndecodable`].
    pub fn picture_pixels(&self, message: MessageId, index: usize) -> Result<Pixels> {
        let (_, mut opened) = self.local_file(message, index)?;
        if opened.size() > picture::BYTES.unsigned_abs() {
            return Err(LocalReason::PictureUndecodable.into());
        }
        let mut bytes = Vec::new();
        opened.copy_to(&mut bytes).map_err(|_| LocalReason::PictureUndecodable)?;
        picture::pixels(&bytes).ok_or_else(|| LocalReason::PictureUndecodable.into())
    }

    /// Fetches a file of a message as soon as there is a connection; [`Notice::Files`] announces its progress.
    pub fn fetch_file(&self, message: MessageId, index: usize) -> Result<()> {
        let file = self.file_of(message, index)?;
        if !self.context.store.has_file(file.hash)? {
            self.context.shared.transfers.set_progress(file.hash, false, 0, file.bytes.0);
            self.context.fetches.add(FileToFetch { message, index, file });
            self.context.notices.send(Notice::Files);
        }
        Ok(())
    }

    /// Cancels a fetch. The received part is stored, and the next fetch continues it.
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
