//! The files that are on their way.

use parlour_protocol::{Count, FileHash, Problem};
use serde::Serialize;
use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The size of the first part of an upload, in bytes; smaller ones follow if it does not get through.
const PART: usize = 2 << 20;

/// A file on its way.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct Transfer {
    /// Whether it goes to the server; otherwise it comes from there.
    pub is_upload: bool,
    /// How much of it has arrived, in bytes.
    pub done: Count,
    /// Its size in bytes.
    pub total: Count,
    /// Why it does not get on; it is tried again.
    pub problem: Option<Problem>,
}

/// The files that are on their way, and what is known of the way.
#[derive(Debug)]
pub struct Transfers {
    running: Mutex<HashMap<FileHash, Transfer>>,
    /// How large a part of an upload may be.
    part: AtomicUsize,
}

impl Default for Transfers {
    fn default() -> Self {
        Self { running: Mutex::default(), part: AtomicUsize::new(PART) }
    }
}

impl Transfers {
    /// Returns a file that is on its way.
    pub fn find(&self, hash: FileHash) -> Option<Transfer> {
        self.lock().get(&hash).cloned()
    }

    /// Notes how far a file is.
    pub(crate) fn note(&self, hash: FileHash, is_upload: bool, done: i64, total: i64) {
        let (done, total) = (Count(done), Count(total));
        self.lock().insert(hash, Transfer { is_upload, done, total, problem: None });
    }

    /// Notes why a file does not get on.
    pub(crate) fn fail(&self, hash: FileHash, problem: Problem) {
        if let Some(transfer) = self.lock().get_mut(&hash) {
            transfer.problem = Some(problem);
        }
    }

    /// Notes that a file has arrived, or is given up.
    pub(crate) fn end(&self, hash: FileHash) {
        self.lock().remove(&hash);
    }

    /// Returns how large the next part of an upload may be, within these bounds.
    pub(crate) fn part_bytes(&self, least: usize, most: usize) -> usize {
        self.part.load(Ordering::Relaxed).clamp(least.min(most), most)
    }

    /// Notes that a part of this size did not get through.
    pub(crate) fn shrink(&self, bytes: usize) {
        self.part.fetch_min((bytes / 2).max(1), Ordering::Relaxed);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<FileHash, Transfer>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
