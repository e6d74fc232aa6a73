//! Reads one file of a backup.

use super::error::BackupError;
use sha2::{Digest, Sha256};
use std::io::Read;
use std::path::Path;
use std::sync::mpsc::{channel, sync_channel};

/// Number of bytes that one thread passes to the other at a time.
const CHUNK: usize = 1024 * 1024;
/// Maximum number of pieces that wait to be taken.
const WAITING: usize = 4;
/// Maximum size, in bytes, of a file of a backup that is read into memory.
const IN_MEMORY: u64 = 1024 * 1024;

/// One file of a backup.
pub struct Entry<'a> {
    from: &'a mut dyn Read,
    backup: &'a Path,
    sum: Sha256,
    left: u64,
    /// Its name in the backup: one of the known ones.
    pub name: &'static str,
    /// Its size in bytes.
    pub bytes: u64,
}

impl<'a> Entry<'a> {
    pub(super) fn new(
        from: &'a mut dyn Read,
        backup: &'a Path,
        name: &'static str,
        bytes: u64,
    ) -> Self {
        Self { from, backup, sum: Sha256::new(), left: bytes, name, bytes }
    }

    /// Reads the next bytes; returns an empty slice at the end.
    ///
    /// # Errors
    /// Fails if the backup is damaged, or if it cannot be read from the disk.
    pub fn read(&mut self, to: &mut [u8]) -> Result<usize, BackupError> {
        if self.left == 0 || to.is_empty() {
            return Ok(0);
        }
        let many = self.read_some(to)?;
        self.sum.update(&to[..many]);
        Ok(many)
    }

    /// Reads the next bytes without adding them to the digest; at least one.
    fn read_some(&mut self, to: &mut [u8]) -> Result<usize, BackupError> {
        let read = self.from.read(to);
        let many = read.map_err(|error| BackupError::unreadable(self.backup, error))?;
        if many == 0 {
            return Err(self.damaged("its end is missing"));
        }
        self.left = self.left.saturating_sub(many as u64);
        Ok(many)
    }

    /// Reads the next piece without adding it to the digest. All pieces have the same length except the last.
    fn fill(&mut self, chunk: &mut Vec<u8>) -> Result<(), BackupError> {
        chunk.resize(usize::try_from(self.left).unwrap_or(CHUNK).min(CHUNK), 0);
        let mut at = 0;
        while at < chunk.len() {
            at += self.read_some(&mut chunk[at..])?;
        }
        Ok(())
    }

    /// Reads the whole file, and calls `on_progress` with the number of bytes read so far. Another thread calls
    /// `take` with the bytes, in pieces, so that reading and taking overlap.
    ///
    /// # Errors
    /// The same as [`Entry::read`], and the errors of `take`.
    pub fn read_all(
        &mut self,
        mut take: impl FnMut(&[u8]) -> Result<(), BackupError> + Send,
        on_progress: &mut dyn FnMut(u64),
    ) -> Result<(), BackupError> {
        let (to, chunks) = sync_channel::<Vec<u8>>(WAITING);
        // Buffers are reused: allocating new memory costs more than filling it.
        let (back, empty) = channel::<Vec<u8>>();
        let mut sum = std::mem::take(&mut self.sum);
        std::thread::scope(|scope| {
            let taking = scope.spawn(move || {
                let taken = chunks.iter().try_for_each(|chunk| {
                    sum.update(&chunk);
                    take(&chunk)?;
                    // The reader stops at the end of the file.
                    let _ = back.send(chunk);
                    Ok(())
                });
                (sum, taken)
            });
            let mut read = Ok(());
            while read.is_ok() && self.left > 0 {
                let mut chunk = empty.try_recv().unwrap_or_default();
                read = self.fill(&mut chunk);
                // If `take` stopped early, it returns the reason.
                if read.is_err() || to.send(chunk).is_err() {
                    break;
                }
                on_progress(self.bytes - self.left);
            }
            drop(to);
            let (sum, taken) = taking.join().expect("taking a piece does not panic");
            self.sum = sum;
            taken.and(read)
        })
    }

    /// Reads the whole of a small file.
    ///
    /// # Errors
    /// The same as [`Entry::read`], and fails if the file is too large.
    pub fn bytes(&mut self) -> Result<Vec<u8>, BackupError> {
        if self.left > IN_MEMORY {
            return Err(self.damaged(&format!("{} is too long", self.name)));
        }
        let mut bytes = vec![0; usize::try_from(self.left).expect("a megabyte")];
        let mut at = 0;
        while at < bytes.len() {
            at += self.read(&mut bytes[at..])?;
        }
        Ok(bytes)
    }

    /// Reads the rest of the file, and returns the digest of all of it.
    pub(super) fn finish(mut self) -> Result<[u8; 32], BackupError> {
        let mut rest = vec![0; 64 * 1024];
        while self.read(&mut rest)? > 0 {}
        Ok(self.sum.finalize().into())
    }

    fn damaged(&self, why: &str) -> BackupError {
        BackupError::Damaged { path: self.backup.to_owned(), why: why.to_owned() }
    }
}
