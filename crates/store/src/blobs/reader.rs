//! Reads the bytes of a file.

use super::sealing::{CHUNK, SEALED, Sealing, damaged};
use super::secret::Secret;
use std::fs::File;
use std::io::{Read, Result, Seek, SeekFrom};
use std::path::Path;

/// A file of which any stretch can be read.
pub struct BlobReader {
    file: File,
    sealing: Sealing,
    bytes: u64,
}

impl BlobReader {
    pub(super) fn open(path: &Path, secret: &Secret, bytes: u64) -> Result<Self> {
        Ok(Self { file: File::open(path)?, sealing: Sealing::new(secret), bytes })
    }

    /// Returns the size of the file in bytes.
    pub fn size(&self) -> u64 {
        self.bytes
    }

    /// Returns at most `most` bytes from a position on; fewer only at the end.
    ///
    /// # Errors
    /// Fails if the disk fails, or if the file is damaged.
    pub fn read_at(&mut self, from: u64, most: usize) -> Result<Vec<u8>> {
        let to = self.bytes.min(from.saturating_add(most as u64));
        let mut found = Vec::new();
        let mut at = from;
        while at < to {
            let (chunk, skipped) = (at / CHUNK as u64, (at % CHUNK as u64) as usize);
            let bytes = self.chunk(chunk)?;
            let until = bytes.len().min(skipped + (to - at) as usize);
            let taken = bytes.get(skipped..until).filter(|taken| !taken.is_empty());
            let taken = taken.ok_or_else(damaged)?;
            found.extend_from_slice(taken);
            at += taken.len() as u64;
        }
        Ok(found)
    }

    fn chunk(&mut self, at: u64) -> Result<Vec<u8>> {
        let last = self.bytes.saturating_sub(1) / CHUNK as u64;
        self.file.seek(SeekFrom::Start(at * SEALED as u64))?;
        let mut sealed = Vec::with_capacity(SEALED);
        (&mut self.file).take(SEALED as u64).read_to_end(&mut sealed)?;
        let bytes = self.sealing.open(at, at == last, &sealed)?;
        let is_whole = at < last || bytes.len() as u64 == self.bytes - last * CHUNK as u64;
        if is_whole { Ok(bytes) } else { Err(damaged()) }
    }
}
