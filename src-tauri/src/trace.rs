//! With `PARLOUR_TRACE=1`, the app prints a line for each milestone of its start, with the time in milliseconds since
//! `main`.

use std::io::Write;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// The start time of the app, and the milestones that were passed.
#[derive(Debug)]
pub struct Trace {
    started_at: Instant,
    passed: Option<Mutex<Vec<&'static str>>>,
}

impl Trace {
    /// Starts measuring, and passes the first milestone.
    pub fn start() -> Self {
        let is_enabled = std::env::var_os("PARLOUR_TRACE").is_some_and(|value| value == "1");
        let trace = Self { started_at: Instant::now(), passed: is_enabled.then(Mutex::default) };
        trace.mark("exec");
        trace
    }

    /// Returns whether milestones are traced.
    pub fn is_enabled(&self) -> bool {
        self.passed.is_some()
    }

    /// Returns whether this milestone was passed.
    pub fn is_passed(&self, milestone: &'static str) -> bool {
        self.passed().is_some_and(|passed| passed.contains(&milestone))
    }

    fn passed(&self) -> Option<MutexGuard<'_, Vec<&'static str>>> {
        Some(self.passed.as_ref()?.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Removes the paint milestones, because the page is reloaded and will pass them again.
    pub fn reset_paints(&self) {
        if let Some(mut passed) = self.passed() {
            passed.retain(|milestone| !milestone.ends_with("-paint"));
        }
    }

    /// Prints a milestone the first time it is passed.
    pub fn mark(&self, milestone: &'static str) {
        let Some(mut passed) = self.passed() else { return };
        if !passed.contains(&milestone) {
            passed.push(milestone);
            let line = format!("trace {milestone} {}", self.started_at.elapsed().as_millis());
            // Fails if the reader of the output is closed.
            let _ = writeln!(std::io::stdout(), "{line}");
        }
    }
}
