//! Reports the progress of long work to the command that requested it.

use super::request::Item;
use crate::background::OnProgress;
use crate::lock::lock;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::sync::mpsc::Sender;

/// The time between two checks of the progress.
const PROGRESS_INTERVAL: Duration = Duration::from_millis(250);
/// The time after which progress is reported even if it has not changed, to show that the server is still working.
const KEEP_ALIVE: Duration = Duration::from_secs(10);

/// The number of bytes that are done, and the total.
pub(super) type Progress = Arc<Mutex<(u64, u64)>>;

/// Returns the shared progress of long work, and the function with which the work updates it.
pub(super) fn progress() -> (Progress, OnProgress) {
    let progress = Progress::default();
    let shared = progress.clone();
    (progress, Box::new(move |done, total| *lock(&shared) = (done, total)))
}

/// Runs the work and reports its progress meanwhile.
pub(super) async fn with_progress<T>(
    items: &Sender<Item>,
    progress: &Progress,
    work: impl Future<Output = T>,
) -> T {
    let (mut work, mut ticks) = (pin!(work), tokio::time::interval(PROGRESS_INTERVAL));
    let (mut last, mut reported_at) = ((0, 0), Instant::now());
    loop {
        tokio::select! {
            done = &mut work => return done,
            _ = ticks.tick() => {
                let now = *lock(progress);
                if now != last || reported_at.elapsed() >= KEEP_ALIVE {
                    (last, reported_at) = (now, Instant::now());
                    // If the channel is full, the next report contains the same numbers.
                    let _ = items.try_send(Item::Progress { done: now.0, total: now.1 });
                }
            }
        }
    }
}
