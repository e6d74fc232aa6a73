//! A file that has its name once it is whole, and not before.

use super::error::BackupError;
use parlour_sqlite::{durable, private};
use std::fs::{File, TryLockError};
use std::io::{Result, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// The end of the name of a file that is not whole.
pub const PART: &str = ".part";
/// The bytes after which the disk is given time: what piles up unwritten holds up the commits of a server.
const PACE: u64 = 8 * 1024 * 1024;

/// A file that is being written. Unless it is finished, it is removed.
pub struct Part {
    to: PathBuf,
    path: PathBuf,
    is_finished: bool,
}

impl Part {
    /// Begins a file beside the place where it is to be. One that was killed while it wrote there is replaced.
    ///
    /// # Errors
    /// Fails if there is a file in that place, or if another process is writing one.
    pub fn begin(to: &Path) -> std::result::Result<(Self, Paced), BackupError> {
        if to.symlink_metadata().is_ok() {
            return Err(BackupError::Exists(to.to_owned()));
        }
        let mut path = to.as_os_str().to_owned();
        path.push(PART);
        let path = PathBuf::from(path);
        let failed = |source| BackupError::Write { path: path.clone(), source };
        let file = private::options().create(true).truncate(false).open(&path).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(BackupError::Busy(to.to_owned())),
            Err(TryLockError::Error(source)) => return Err(failed(source)),
        }
        private::narrow(&path).and_then(|()| file.set_len(0)).map_err(failed)?;
        let written = Arc::default();
        Ok((Self { to: to.to_owned(), path, is_finished: false }, Paced { file, written }))
    }

    /// Gives the file its name, once it is on the disk.
    ///
    /// # Errors
    /// Fails if the disk does, or if another file has that name by now.
    pub fn finish(mut self, written: &Paced) -> std::result::Result<(), BackupError> {
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

impl Drop for Part {
    fn drop(&mut self) {
        if !self.is_finished {
            // What cannot be removed is replaced by the next one.
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

/// Writes into such a file at a pace that leaves the disk to others.
pub struct Paced {
    file: File,
    written: Arc<AtomicU64>,
}

impl Paced {
    /// Returns the number of bytes that were written, which goes on counting.
    pub fn written(&self) -> Arc<AtomicU64> {
        self.written.clone()
    }
}

impl Write for Paced {
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
