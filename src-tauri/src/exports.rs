//! The export that is being written, of which there is at most one.

use crate::events::ExportProgressed;
use parlour_client::{AccountId, ExportProgress};
use parlour_protocol::Count;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tauri::AppHandle;
use tauri_specta::Event;

/// The time between two events about the progress.
const INTERVAL: Duration = Duration::from_millis(100);

/// The export that is being written, if there is one.
#[derive(Default)]
pub struct Exports {
    current: Mutex<Arc<AtomicBool>>,
    /// Locked while an export is being written.
    writing: Arc<Mutex<()>>,
}

/// An export, which can be cancelled.
pub struct RunningExport {
    is_cancelled: Arc<AtomicBool>,
    writing: Arc<Mutex<()>>,
}

impl Exports {
    /// Begins an export; cancels the previous one.
    pub fn begin(&self) -> RunningExport {
        self.cancel();
        let is_cancelled = Arc::new(AtomicBool::new(false));
        *lock(&self.current) = is_cancelled.clone();
        RunningExport { is_cancelled, writing: self.writing.clone() }
    }

    /// Cancels the export that is being written.
    pub fn cancel(&self) {
        lock(&self.current).store(true, Ordering::Relaxed);
    }

    /// Cancels the export that is being written, and waits until nothing of it is left.
    pub fn end(&self) {
        self.cancel();
        drop(lock(&self.writing));
    }
}

impl RunningExport {
    /// Runs `work` once the previous export has ended. `work` receives a function that sends the progress to the page,
    /// and breaks if the export is cancelled.
    pub fn run<T>(
        &self,
        app: &AppHandle,
        account: &AccountId,
        work: impl FnOnce(&mut dyn FnMut(ExportProgress) -> ControlFlow<()>) -> T,
    ) -> T {
        let _writing = lock(&self.writing);
        let mut sent: Option<Instant> = None;
        work(&mut |progress| {
            if sent.is_none_or(|sent| sent.elapsed() >= INTERVAL) {
                sent = Some(Instant::now());
                // Fails only if the window is closed.
                let _ = progressed(account.clone(), progress).emit(app);
            }
            match self.is_cancelled.load(Ordering::Relaxed) {
                true => ControlFlow::Break(()),
                false => ControlFlow::Continue(()),
            }
        })
    }
}

fn progressed(account: AccountId, progress: ExportProgress) -> ExportProgressed {
    let count = |number: u64| Count(i64::try_from(number).unwrap_or(i64::MAX));
    ExportProgressed { account, done: count(progress.done), total: count(progress.total) }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
