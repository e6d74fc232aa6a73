//! A file that has its name once it is whole, and not before.

use super::error::BackupError;
use crate::no_follow;
use parlour_sqlite::{durable, private};
use std::fs::{File, TryLockError};
use std::io::{Read, Result, Seek, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// How a frame of Zstandard begins (RFC 8878).
const ZSTD: [u8; 4] = 0xfd2f_b528_u32.to_le_bytes();
/// The end of the name of a file that is not whole.
pub const PARTIAL_SUFFIX: &str = ".part";
/// The bytes after which the disk is given time: what piles up unwritten holds up the commits of a server.
const PACE: u64 = 8 * 1024 * 1024;

/// A file that is being written. Unless it is finished, it is removed.
pub struct PartialFile {
    to: PathBuf,
    path: PathBuf,
    is_finished: bool,
}

impl PartialFile {
    /// Begins a file beside the place where it is to be. One that was killed while it wrote there is replaced.
    ///
    /// # Errors
    /// Fails if there is a file in that place, if another process is writing one, or if what lies beside is somebody's
    /// file or a link.
    pub fn begin(to: &Path) -> std::result::Result<(Self, PacedFile), BackupError> {
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
        if !is_ours(&mut file).map_err(failed)? {
            return Err(BackupError::Exists(path));
        }
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(BackupError::Busy(to.to_owned())),
            Err(TryLockError::Error(source)) => return Err(failed(source)),
        }
        private::narrow(&path).and_then(|()| file.set_len(0)).map_err(failed)?;
        let written = Arc::default();
        Ok((Self { to: to.to_owned(), path, is_finished: false }, PacedFile { file, written }))
    }

    /// Gives the file its name, once it is on the disk.
    ///
    /// # Errors
    /// Fails if the disk does, or if another file has that name by now.
    pub fn finish(mut self, written: &PacedFile) -> std::result::Result<(), BackupError> {
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
            // What cannot be removed is replaced by the next one.
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

/// Returns whether a file is empty, or begins as a backup does: it was left by one that was killed.
fn is_ours(file: &mut File) -> Result<bool> {
    let mut begin = Vec::new();
    file.take(4).read_to_end(&mut begin)?;
    file.rewind()?;
    Ok(begin.is_empty() || begin == ZSTD || b"age-".starts_with(&begin))
}

/// Writes into such a file at a pace that leaves the disk to others.
pub struct PacedFile {
    file: File,
    written: Arc<AtomicU64>,
}

impl PacedFile {
    /// Returns the number of bytes that were written, which goes on counting.
    pub fn bytes_written(&self) -> Arc<AtomicU64> {
        self.written.clone()
    }
}

impl Write for PacedFile {
    fn write(&mut self, bytes: &[u8]) -> Result<usize> {
        let many = self.file.write(bytes)?;
        let before = self.written.fetch_add(many as u64, Ordering::Relaxed);
        if before / PACE != (before + many as u64) / PACE {
            self.file.sync_data()?;
        }
        Ok(many)
    }

    fn flush(&mut self) -> Result<()> {
        self.file.flush()
    }
}
