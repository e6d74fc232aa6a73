//! A file that gets its name only when it is complete.

use super::error::BackupError;
use crate::no_follow;
use parlour_sqlite::{durable, private};
use std::fs::{File, TryLockError};
use std::io::{Read, Result, Seek, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::JoinHandle;

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
        let file = FlushingFile::new(file);
        Ok((Self { to: to.to_owned(), path, is_finished: false }, file))
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

/// Writes to such a file, and flushes it regularly to the disk, in a thread of its own, so that the disk is not idle
/// while the next bytes are compressed. At most three intervals are unflushed.
pub struct FlushingFile {
    file: Arc<File>,
    written: Arc<AtomicU64>,
    /// `None` once the thread has ended.
    flusher: Option<Flusher>,
}

struct Flusher {
    requests: SyncSender<()>,
    thread: JoinHandle<Result<()>>,
}

impl FlushingFile {
    fn new(file: File) -> Self {
        let file = Arc::new(file);
        let (requests, received) = sync_channel(1);
        let flushed = file.clone();
        let flush = move || received.iter().try_for_each(|()| flushed.sync_data());
        let flusher = Flusher { requests, thread: std::thread::spawn(flush) };
        Self { file, written: Arc::default(), flusher: Some(flusher) }
    }

    /// Returns a shared counter of the bytes that were written.
    pub fn bytes_written(&self) -> Arc<AtomicU64> {
        self.written.clone()
    }

    /// Asks for a flush; waits if one is already waiting for another.
    fn request_flush(&mut self) -> Result<()> {
        match &self.flusher {
            // The thread ends early only if a flush failed.
            Some(flusher) if flusher.requests.send(()).is_err() => self.end_flushes(),
            _ => Ok(()),
        }
    }

    /// Waits for the requested flushes.
    fn end_flushes(&mut self) -> Result<()> {
        let Some(Flusher { requests, thread }) = self.flusher.take() else { return Ok(()) };
        drop(requests);
        thread.join().expect("flushing does not panic")
    }
}

impl Drop for FlushingFile {
    fn drop(&mut self) {
        // Whoever needs the bytes on the disk has called `PartialFile::finish`.
        let _ = self.end_flushes();
    }
}

impl Write for FlushingFile {
    fn write(&mut self, bytes: &[u8]) -> Result<usize> {
        let count = (&*self.file).write(bytes)?;
        let before = self.written.fetch_add(count as u64, Ordering::Relaxed);
        if before / FLUSH_INTERVAL_BYTES != (before + count as u64) / FLUSH_INTERVAL_BYTES {
            self.request_flush()?;
        }
        Ok(count)
    }

    fn flush(&mut self) -> Result<()> {
        (&*self.file).flush()
    }
}
