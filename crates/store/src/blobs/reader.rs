//! Reads the bytes of a file.

use super::encryption::{CHUNK, ChunkCipher, ENCRYPTED_CHUNK, damaged};
use super::secret::Secret;
use std::fs::File;
use std::io::{Read, Result, Seek, SeekFrom};
use std::path::Path;

/// A file from which any range can be read.
pub struct BlobReader {
    file: File,
    cipher: ChunkCipher,
    bytes: u64,
}

impl BlobReader {
    pub(super) fn open(path: &Path, secret: &Secret, size: u64) -> Result<Self> {
        Ok(Self { file: File::open(path)?, cipher: ChunkCipher::new(secret), bytes: size })
    }

    /// Returns the size of the file in bytes.
    pub fn size(&self) -> u64 {
        self.bytes
    }

    /// Returns at most `max` bytes from an offset on; fewer only at the end.
    ///
    /// # Errors
    /// Fails on an I/O error, or if the file is damaged.
    pub fn read_at(&mut self, offset: u64, max: usize) -> Result<Vec<u8>> {
        let to = self.bytes.min(offset.saturating_add(max as u64));
        let mut found = Vec::new();
        let mut position = offset;
        while position < to {
            let (chunk, skipped) = (position / CHUNK as u64, (position % CHUNK as u64) as usize);
            let bytes = self.chunk(chunk)?;
            let until = bytes.len().min(skipped + (to - position) as usize);
            let part = bytes.get(skipped..until).filter(|part| !part.is_empty());
            let part = part.ok_or_else(damaged)?;
            found.extend_from_slice(part);
            position += part.len() as u64;
        }
        Ok(found)
    }

    fn chunk(&mut self, index: u64) -> Result<Vec<u8>> {
        let last = self.bytes.saturating_sub(1) / CHUNK as u64;
        self.file.seek(SeekFrom::Start(index * ENCRYPTED_CHUNK as u64))?;
        let mut sealed = Vec::with_capacity(ENCRYPTED_CHUNK);
        (&mut self.file).take(ENCRYPTED_CHUNK as u64).read_to_end(&mut sealed)?;
        let bytes = self.cipher.decrypt(index, index == last, &sealed)?;
        let is_complete = index < last || bytes.len() as u64 == self.bytes - last * CHUNK as u64;
        if is_complete { Ok(bytes) } else { Err(damaged()) }
    }
}
