//! Long work, such as a backup, that must not delay requests.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::oneshot;

/// Called with the number of bytes that are done, and the total (0 if unknown).
pub type OnProgress = Box<dyn FnMut(u64, u64) + Send>;

/// The reason why there is no result.
#[derive(Debug)]
pub enum NotCompleted {
    /// The thread could not be started.
    NotStarted(std::io::Error),
    /// The work panicked.
    Ended,
}

/// Runs work on a separate thread with low priority, and returns its result. The work gets a function that returns
/// false once it is cancelled, which happens when this future is dropped. The process does not wait for it when it
/// exits.
///
/// # Errors
/// Fails if the thread cannot be started, or if the work panics.
pub async fn run<T: Send + 'static>(
    name: &str,
    work: impl FnOnce(&dyn Fn() -> bool) -> T + Send + 'static,
) -> Result<T, NotCompleted> {
    let cancel = CancelOnDrop::default();
    let is_cancelled = cancel.0.clone();
    let (sender, receiver) = oneshot::channel();
    let body = move || {
        lower_priority();
        let result = work(&|| !is_cancelled.load(Ordering::Relaxed));
        // The caller may have stopped waiting.
        let _ = sender.send(result);
    };
    let started = std::thread::Builder::new().name(name.into()).spawn(body);
    started.map_err(NotCompleted::NotStarted)?;
    receiver.await.map_err(|_| NotCompleted::Ended)
}

/// Lowers the priority of the current thread, on Linux only: elsewhere this would affect the whole process.
fn lower_priority() {
    #[cfg(target_os = "linux")]
    // If that is not permitted, the thread keeps the normal priority.
    let _ = rustix::process::nice(19);
}

/// Cancels the work when it is dropped.
#[derive(Default)]
struct CancelOnDrop(Arc<AtomicBool>);

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}
