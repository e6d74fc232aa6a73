//! How much of a part was received.

use crate::lock::lock;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::Instant;

/// The bytes per second below which a part is cancelled while others wait.
const MIN_BYTES_PER_SECOND: u64 = 64 * 1024;
/// The time at the start of a part that does not count.
const GRACE: Duration = Duration::from_secs(2);

/// The progress of one part.
#[derive(Default)]
pub struct Progress {
    started: Mutex<Option<Instant>>,
    received: AtomicU64,
    cancelled: Notify,
}

impl Progress {
    /// Records that receiving starts now.
    pub fn start(&self) {
        *lock(&self.started) = Some(Instant::now());
    }

    /// Adds to the number of received bytes.
    pub fn add(&self, bytes: usize) {
        self.received.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    /// Returns whether the part arrives more slowly than 64 KiB per second, not counting its first two seconds.
    pub fn is_slow(&self, now: Instant) -> bool {
        let Some(started) = *lock(&self.started) else { return false };
        let counted = now.saturating_duration_since(started).saturating_sub(GRACE);
        let minimum = MIN_BYTES_PER_SECOND
            .saturating_mul(u64::try_from(counted.as_millis()).unwrap_or(u64::MAX));
        self.received.load(Ordering::Relaxed) < minimum / 1000
    }

    /// Cancels the part.
    pub fn cancel(&self) {
        self.cancelled.notify_one();
    }

    /// Waits until the part is cancelled.
    pub async fn cancelled(&self) {
        self.cancelled.notified().await;
    }
}
