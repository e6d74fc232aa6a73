//! The files that are being uploaded or fetched.

use parlour_protocol::{Count, FileHash, Problem};
use serde::Serialize;
use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The size of the first part of an upload, in bytes; smaller parts follow if it fails.
const FIRST_PART_BYTES: usize = 2 << 20;

/// The transfer of a file.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct Transfer {
    /// Whether it is an upload; otherwise it is a download.
    pub is_upload: bool,
    /// Number of bytes transferred so far.
    pub done: Count,
    /// The size of the file in bytes.
    pub total: Count,
    /// Why the last attempt failed; it is retried.
    pub problem: Option<Problem>,
}

/// The running transfers of files, and the size of the next part of an upload.
#[derive(Debug)]
pub struct Transfers {
    running: Mutex<HashMap<FileHash, Transfer>>,
    /// Maximum size of a part of an upload, in bytes.
    max_part: AtomicUsize,
}

impl Default for Transfers {
    fn default() -> Self {
        Self { running: Mutex::default(), max_part: AtomicUsize::new(FIRST_PART_BYTES) }
    }
}

impl Transfers {
    /// Returns the transfer of a file.
    pub fn find(&self, hash: FileHash) -> Option<Transfer> {
        self.lock().get(&hash).cloned()
    }

    /// Sets the progress of a transfer, in bytes.
    pub(crate) fn set_progress(&self, hash: FileHash, is_upload: bool, done: i64, total: i64) {
        let (done, total) = (Count(done), Count(total));
        self.lock().insert(hash, Transfer { is_upload, done, total, problem: None });
    }

    /// Sets why the last attempt failed.
    pub(crate) fn fail(&self, hash: FileHash, problem: Problem) {
        if let Some(transfer) = self.lock().get_mut(&hash) {
            transfer.problem = Some(problem);
        }
    }

    /// Removes a transfer that is complete or was cancelled.
    pub(crate) fn end(&self, hash: FileHash) {
        self.lock().remove(&hash);
    }

    /// Returns the maximum size of the next part of an upload, between `min` and `max` bytes.
    pub(crate) fn part_bytes(&self, min: usize, max: usize) -> usize {
        self.max_part.load(Ordering::Relaxed).clamp(min.min(max), max)
    }

    /// Reduces the size of parts after a part of this size failed.
    pub(crate) fn shrink(&self, size: usize) {
        self.max_part.fetch_min((size / 2).max(1), Ordering::Relaxed);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<FileHash, Transfer>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
