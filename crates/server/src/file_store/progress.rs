//! How much of a part has arrived.

use crate::lock::lock;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::Instant;

/// The bytes per second below which a part is given up while others wait.
const LEAST: u64 = 64 * 1024;
/// How long a part may take in addition.
const BEGINNING: Duration = Duration::from_secs(2);

/// The progress of one part.
#[derive(Default)]
pub struct Progress {
    began: Mutex<Option<Instant>>,
    received: AtomicU64,
    cut: Notify,
}

impl Progress {
    /// Notes that reading begins.
    pub fn begin(&self) {
        *lock(&self.began) = Some(Instant::now());
    }

    /// Notes that so many bytes more have arrived.
    pub fn add(&self, bytes: usize) {
        self.received.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    /// Returns whether it arrives more slowly than 64 KiB a second, not counting its first two seconds.
    pub fn is_slow(&self, now: Instant) -> bool {
        let Some(began) = *lock(&self.began) else { return false };
        let counted = now.saturating_duration_since(began).saturating_sub(BEGINNING);
        let least = LEAST.saturating_mul(u64::try_from(counted.as_millis()).unwrap_or(u64::MAX));
        self.received.load(Ordering::Relaxed) < least / 1000
    }

    /// Gives the part up.
    pub fn cut(&self) {
        self.cut.notify_one();
    }

    /// Waits until the part is given up.
    pub async fn is_cut(&self) {
        self.cut.notified().await;
    }
}
