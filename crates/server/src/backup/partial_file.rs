//! A file that gets its name only when it is complete.

use super::error::BackupError;
use crate::no_follow;
use parlour_sqlite::{durable, private};
use std::fs::{File, TryLockError};
use std::io::{Read, Result, Seek, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// The bytes with which a frame of Zstandard begins (RFC 8878).
const ZSTD: [u8; 4] = 0xfd2f_b528_u32.to_le_bytes();
/// The suffix of the name of an incomplete file.
pub const PARTIAL_SUFFIX: &str = ".part";
/// The number of bytes after which the file is flushed to the disk: much unflushed data would delay the commits of a
/// running server.
const FLUSH_INTERVAL_BYTES: u64 = 8 * 1024 * 1024;

/// A file that is being written. It is removed when it is dropped before it is finished.
pub struct PartialFile {
    to: PathBuf,
    path: PathBuf,
    is_finished: bool,
}

impl PartialFile {
    /// Creates a file next to its final path. Replaces an incomplete file that a killed process left there.
    ///
    /// # Errors
    /// Fails if the final path exists, if another process is writing a file for it, or if the temporary path is
    /// a link or a file of somebody else.
    pub fn begin(to: &Path) -> std::result::Result<(Self, FlushingFile), BackupError> {
        if to.symlink_metadata().is_ok() {
            return Err(BackupError::Exists(to.to_owned()));
        }
        let mut path = to.as_os_str().to_owned();
        path.push(PARTIAL_SUFFIX);
        let path = PathBuf::from(path);
        let failed = |source| BackupError::Write { path: path.clone(), source };
        let mut options = private::options();
        let file = no_follow::open(options.read(true).create(true).truncate(false), &path);
        let mut file = file.map_err(failed)?;
        if !is_leftover(&mut file).map_err(failed)? {
            return Err(BackupError::Exists(path));
        }
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(BackupError::Busy(to.to_owned())),
            Err(TryLockError::Error(source)) => return Err(failed(source)),
        }
        private::restrict(&path).and_then(|()| file.set_len(0)).map_err(failed)?;
        let written = Arc::default();
        Ok((Self { to: to.to_owned(), path, is_finished: false }, FlushingFile { file, written }))
    }

    /// Flushes the file to the disk and renames it to its final path.
    ///
    /// # Errors
    /// Fails on an I/O error, or if the final path exists by now.
    pub fn finish(mut self, written: &FlushingFile) -> std::result::Result<(), BackupError> {
        let failed = |source| BackupError::unwritable(&self.to, source, 0);
        written.file.sync_all().map_err(failed)?;
        if self.to.symlink_metadata().is_ok() {
            return Err(BackupError::Exists(self.to.clone()));
        }
        durable::rename(&self.path, &self.to).map_err(failed)?;
        self.is_finished = true;
        Ok(())
    }
}

impl Drop for PartialFile {
    fn drop(&mut self) {
        if !self.is_finished {
            // If it cannot be removed, the next backup replaces it.
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

/// Returns whether a file is empty or begins like a backup, and so was left by a killed process.
fn is_leftover(file: &mut File) -> Result<bool> {
    let mut begin = Vec::new();
    file.take(4).read_to_end(&mut begin)?;
    file.rewind()?;
    Ok(begin.is_empty() || begin == ZSTD || b"age-".starts_with(&begin))
}

/// Writes to such a file, and flushes it regularly to the disk.
pub struct FlushingFile {
    file: File,
    written: Arc<AtomicU64>,
}

impl FlushingFile {
    /// Returns a shared counter of the bytes that were written.
    pub fn bytes_written(&self) -> Arc<AtomicU64> {
        self.written.clone()
    }
}

impl Write for FlushingFile {
    fn write(&mut self, bytes: &[u8]) -> Result<usize> {
        let count = self.file.write(bytes)?;
        let before = self.written.fetch_add(count as u64, Ordering::Relaxed);
        if before / FLUSH_INTERVAL_BYTES != (before + count as u64) / FLUSH_INTERVAL_BYTES {
            self.file.sync_data()?;
        }
        Ok(count)
    }

    fn flush(&mut self) -> Result<()> {
        self.file.flush()
    }
}
