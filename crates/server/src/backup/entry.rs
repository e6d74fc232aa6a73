//! Reads one file of a backup.

use super::error::BackupError;
use sha2::{Digest, Sha256};
use std::io::Read;
use std::path::Path;
use std::sync::mpsc::{channel, sync_channel};

/// The number of bytes that one thread passes to the other at a time.
const CHUNK_BYTES: usize = 1024 * 1024;
/// The largest number of chunks that wait to be consumed.
const MAX_QUEUED_CHUNKS: usize = 4;
/// The largest size in bytes of a file of a backup that is read into memory.
const MAX_BYTES_IN_MEMORY: u64 = 1024 * 1024;

/// One file of a backup.
pub struct Entry<'a> {
    from: &'a mut dyn Read,
    backup: &'a Path,
    sum: Sha256,
    remaining: u64,
    /// Its name in the backup: one of the known ones.
    pub name: String,
    /// Its size in bytes.
    pub bytes: u64,
}

impl<'a> Entry<'a> {
    pub(super) fn new(from: &'a mut dyn Read, backup: &'a Path, name: String, size: u64) -> Self {
        Self { from, backup, sum: Sha256::new(), remaining: size, name, bytes: size }
    }

    /// Reads the next bytes; returns an empty slice at the end.
    ///
    /// # Errors
    /// Fails if the backup is damaged, or if it cannot be read from the disk.
    pub fn read(&mut self, to: &mut [u8]) -> Result<usize, BackupError> {
        if self.remaining == 0 || to.is_empty() {
            return Ok(0);
        }
        let count = self.read_unhashed(to)?;
        self.sum.update(&to[..count]);
        Ok(count)
    }

    /// Reads the next bytes without adding them to the digest; at least one.
    fn read_unhashed(&mut self, to: &mut [u8]) -> Result<usize, BackupError> {
        let read = self.from.read(to);
        let count = read.map_err(|error| BackupError::unreadable(self.backup, error))?;
        if count == 0 {
            return Err(self.damaged("its end is missing"));
        }
        self.remaining = self.remaining.saturating_sub(count as u64);
        Ok(count)
    }

    /// Reads the next chunk without adding it to the digest. All chunks have the same length except the last.
    fn fill_chunk(&mut self, chunk: &mut Vec<u8>) -> Result<(), BackupError> {
        chunk.resize(usize::try_from(self.remaining).unwrap_or(CHUNK_BYTES).min(CHUNK_BYTES), 0);
        let mut offset = 0;
        while offset < chunk.len() {
            offset += self.read_unhashed(&mut chunk[offset..])?;
        }
        Ok(())
    }

    /// Reads the whole file, and calls `on_progress` with the number of bytes read so far. Another thread calls
    /// `consume` with each chunk, so that reading and consuming overlap.
    ///
    /// # Errors
    /// Fails for the reasons of [`Entry::read`], or if `consume` does.
    pub fn read_all(
        &mut self,
        mut consume: impl FnMut(&[u8]) -> Result<(), BackupError> + Send,
        on_progress: &mut dyn FnMut(u64),
    ) -> Result<(), BackupError> {
        let (sender, chunks) = sync_channel::<Vec<u8>>(MAX_QUEUED_CHUNKS);
        // Buffers are reused: allocating new memory costs more than filling it.
        let (recycle, recycled) = channel::<Vec<u8>>();
        let mut sum = std::mem::take(&mut self.sum);
        std::thread::scope(|scope| {
            let consumer = scope.spawn(move || {
                let consumed = chunks.iter().try_for_each(|chunk| {
                    sum.update(&chunk);
                    consume(&chunk)?;
                    // The reader stops at the end of the file.
                    let _ = recycle.send(chunk);
                    Ok(())
                });
                (sum, consumed)
            });
            let mut read = Ok(());
            while read.is_ok() && self.remaining > 0 {
                let mut chunk = recycled.try_recv().unwrap_or_default();
                read = self.fill_chunk(&mut chunk);
                // If `consume` stopped early, it returns the reason.
                if read.is_err() || sender.send(chunk).is_err() {
                    break;
                }
                on_progress(self.bytes - self.remaining);
            }
            drop(sender);
            let (sum, consumed) = consumer.join().expect("consuming a chunk does not panic");
            self.sum = sum;
            consumed.and(read)
        })
    }

    /// Reads the whole of a small file.
    ///
    /// # Errors
    /// Fails for the reasons of [`Entry::read`], or if the file is too large.
    pub fn bytes(&mut self) -> Result<Vec<u8>, BackupError> {
        self.bytes_up_to(MAX_BYTES_IN_MEMORY)
    }

    /// Like [`Entry::bytes`], for a file of at most `max_bytes`.
    ///
    /// # Errors
    /// Fails for the reasons of [`Entry::read`], or if the file is larger.
    pub fn bytes_up_to(&mut self, max_bytes: u64) -> Result<Vec<u8>, BackupError> {
        if self.remaining > max_bytes {
            return Err(self.damaged(&format!("{} is too long", self.name)));
        }
        let mut bytes = vec![0; usize::try_from(self.remaining).expect("a few megabytes")];
        let mut offset = 0;
        while offset < bytes.len() {
            offset += self.read(&mut bytes[offset..])?;
        }
        Ok(bytes)
    }

    /// Reads the rest of the file, and returns the digest of all of it.
    pub(super) fn finish(mut self) -> Result<[u8; 32], BackupError> {
        let mut rest = vec![0; 64 * 1024];
        while self.read(&mut rest)? > 0 {}
        Ok(self.sum.finalize().into())
    }

    pub(super) fn damaged(&self, reason: &str) -> BackupError {
        BackupError::Damaged { path: self.backup.to_owned(), reason: reason.to_owned() }
    }
}
