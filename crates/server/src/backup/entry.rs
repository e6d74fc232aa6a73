//! One file of a backup while it is read.

use super::error::BackupError;
use sha2::{Digest, Sha256};
use std::io::Read;
use std::path::Path;

/// The most bytes of a file of a backup that is read into memory.
const IN_MEMORY: u64 = 1024 * 1024;

/// One file of a backup.
pub struct Entry<'a> {
    from: &'a mut dyn Read,
    backup: &'a Path,
    sum: Sha256,
    left: u64,
    /// Its name in the backup, one of those that are known.
    pub name: &'static str,
    /// The bytes that it has.
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

    /// Reads what comes next; nothing at the end.
    ///
    /// # Errors
    /// Fails if the backup is damaged, or if its disk fails.
    pub fn read(&mut self, to: &mut [u8]) -> Result<usize, BackupError> {
        if self.left == 0 || to.is_empty() {
            return Ok(0);
        }
        let read = self.from.read(to);
        let many = read.map_err(|error| BackupError::unreadable(self.backup, error))?;
        if many == 0 {
            return Err(self.damaged("its end is missing"));
        }
        self.sum.update(&to[..many]);
        self.left = self.left.saturating_sub(many as u64);
        Ok(many)
    }

    /// Reads all of a small one.
    ///
    /// # Errors
    /// As [`Entry::read`], and if it is not small.
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

    /// Reads what is left of it, and returns the digest of all of it.
    pub(super) fn finish(mut self) -> Result<[u8; 32], BackupError> {
        let mut rest = vec![0; 64 * 1024];
        while self.read(&mut rest)? > 0 {}
        Ok(self.sum.finalize().into())
    }

    fn damaged(&self, why: &str) -> BackupError {
        BackupError::Damaged { path: self.backup.to_owned(), why: why.to_owned() }
    }
}
