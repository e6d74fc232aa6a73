//! Writes the bytes of a file.

use super::encryption::{CHUNK, ChunkCipher, ENCRYPTED_CHUNK};
use super::secret::Secret;
use parlour_sqlite::private;
use std::fs::File;
use std::io::{Result, Seek, SeekFrom, Write};
use std::path::Path;

/// Encrypts a file while it is written, with one chunk in memory. A file that was not finished cannot be read.
pub struct BlobWriter {
    file: File,
    cipher: ChunkCipher,
    chunk: Vec<u8>,
    /// Number of chunks that were written.
    chunks: u64,
}

impl BlobWriter {
    pub(super) fn create(path: &Path, secret: &Secret) -> Result<Self> {
        Ok(Self::of(private::create(path)?, secret, 0))
    }

    /// Continues a file of which `received` bytes, whole chunks, are on the disk; anything after them is dropped.
    pub(super) fn resume(path: &Path, secret: &Secret, received: u64) -> Result<Self> {
        let chunks = received / CHUNK as u64;
        let mut file = private::options().open(path)?;
        file.set_len(chunks * ENCRYPTED_CHUNK as u64)?;
        file.seek(SeekFrom::End(0))?;
        Ok(Self::of(file, secret, chunks))
    }

    fn of(file: File, secret: &Secret, chunks: u64) -> Self {
        Self { file, cipher: ChunkCipher::new(secret), chunk: Vec::with_capacity(CHUNK), chunks }
    }

    /// Adds bytes.
    ///
    /// # Errors
    /// Fails on an I/O error, or is full.
    pub fn write(&mut self, mut bytes: &[u8]) -> Result<()> {
        while !bytes.is_empty() {
            // A full chunk is written once there is a byte behind it: the last one is marked as such.
            if self.chunk.len() == CHUNK {
                self.flush(false)?;
            }
            let (head, tail) = bytes.split_at(bytes.len().min(CHUNK - self.chunk.len()));
            self.chunk.extend_from_slice(head);
            bytes = tail;
        }
        Ok(())
    }

    /// Puts all full chunks on the disk; returns the number of bytes that are there now. More may follow.
    ///
    /// # Errors
    /// Fails on an I/O error, or is full.
    pub fn sync(&mut self) -> Result<u64> {
        self.file.sync_data()?;
        Ok(self.chunks * CHUNK as u64)
    }

    /// Writes the end, and puts everything on the disk.
    ///
    /// # Errors
    /// Fails on an I/O error, or is full.
    pub fn finish(mut self) -> Result<()> {
        self.flush(true)?;
        self.file.sync_all()
    }

    fn flush(&mut self, is_last: bool) -> Result<()> {
        let sealed = self.cipher.close_outbox(self.chunks, is_last, &self.chunk)?;
        self.file.write_all(&sealed)?;
        self.chunk.clear();
        self.chunks += 1;
        Ok(())
    }
}
