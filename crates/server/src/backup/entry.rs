//! Reads one file of a backup.

use super::error::BackupError;
use sha2::{Digest, Sha256};
use std::io::Read;
use std::path::Path;
use std::sync::mpsc::{channel, sync_channel};

/// The number of bytes that one thread passes to the other at a time.
const CHUNK_BYTES: usize = 1024 * 1024;
/// The largest number of chunks that wait for each of the other threads.
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

    /// Reads the whole file, and calls `on_progress` with the number of bytes read so far. A second thread computes the
    /// digest, and a third one calls `consume` with each chunk, so that all three overlap.
    ///
    /// # Errors
    /// Fails for the reasons of [`Entry::read`], or if `consume` does.
    pub fn read_all(
        &mut self,
        mut consume: impl FnMut(&[u8]) -> Result<(), BackupError> + Send,
        on_progress: &mut dyn FnMut(u64),
    ) -> Result<(), BackupError> {
        let (to_hash, unhashed) = sync_channel::<Vec<u8>>(MAX_QUEUED_CHUNKS);
        let (to_consume, hashed) = sync_channel::<Vec<u8>>(MAX_QUEUED_CHUNKS);
        // Buffers are reused: allocating new memory costs more than filling it.
        let (recycle, recycled) = channel::<Vec<u8>>();
        let mut sum = std::mem::take(&mut self.sum);
        std::thread::scope(|scope| {
            let hashing = scope.spawn(move || {
                for chunk in unhashed {
                    sum.update(&chunk);
                    // If `consume` stopped early, it returns the reason.
                    if to_consume.send(chunk).is_err() {
                        break;
                    }
                }
                sum
            });
            let consuming = scope.spawn(move || {
                hashed.iter().try_for_each(|chunk| {
                    consume(&chunk)?;
                    // The reader stops at the end of the file.
                    let _ = recycle.send(chunk);
                    Ok(())
                })
            });
            let mut read = Ok(());
            while read.is_ok() && self.remaining > 0 {
                let mut chunk = recycled.try_recv().unwrap_or_default();
                read = self.fill_chunk(&mut chunk);
                if read.is_err() || to_hash.send(chunk).is_err() {
                    break;
                }
                on_progress(self.bytes - self.remaining);
            }
            drop(to_hash);
            self.sum = hashing.join().expect("hashing a chunk does not panic");
            consuming.join().expect("consuming a chunk does not panic").and(read)
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

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(from: &mut dyn Read, size: usize) -> Entry<'_> {
        Entry::new(from, Path::new("backup"), "parlour.db".into(), size as u64)
    }

    #[test]
    fn all_bytes_are_hashed_and_consumed_in_order() {
        let bytes: Vec<u8> = (0..=255).cycle().take(3 * CHUNK_BYTES + 5).collect();
        let expected: [u8; 32] = Sha256::digest(&bytes).into();
        let (mut from, mut consumed, mut progress) = (bytes.as_slice(), Vec::new(), Vec::new());
        let mut entry = entry(&mut from, bytes.len());
        let consume = |chunk: &[u8]| {
            consumed.extend_from_slice(chunk);
            Ok(())
        };
        entry.read_all(consume, &mut |done| progress.push(done)).unwrap();
        assert_eq!(entry.finish().unwrap(), expected);
        assert!(consumed == bytes);
        assert_eq!((progress.len(), progress.last()), (4, Some(&(bytes.len() as u64))));
    }

    #[test]
    fn reading_ends_soon_after_a_chunk_cannot_be_consumed() {
        let chunks = 100;
        let mut from = std::io::repeat(1);
        let mut entry = entry(&mut from, chunks * CHUNK_BYTES);
        let failed = entry.read_all(|_| Err(BackupError::Ended), &mut |_| {});
        assert!(matches!(failed, Err(BackupError::Ended)));
        // Those that wait, and one in each thread.
        let most = 2 * MAX_QUEUED_CHUNKS + 3;
        assert!(entry.bytes - entry.remaining <= (most * CHUNK_BYTES) as u64);
    }

    #[test]
    fn a_missing_end_is_damage_after_the_chunks_before_it_are_consumed() {
        let bytes = vec![1; CHUNK_BYTES + 1];
        let (mut from, mut consumed) = (bytes.as_slice(), 0);
        let mut entry = entry(&mut from, 2 * CHUNK_BYTES);
        let consume = |chunk: &[u8]| {
            consumed += chunk.len();
            Ok(())
        };
        let failed = entry.read_all(consume, &mut |_| {});
        assert!(matches!(failed, Err(BackupError::Damaged { .. })));
        assert_eq!(consumed, CHUNK_BYTES);
    }
}
