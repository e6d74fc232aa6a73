//! With `PARLOUR_TRACE=1`, the app prints a line per milestone of its start, in milliseconds since
//! `main`.

use std::io::Write;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// The time of the program's start, and the milestones that were passed.
#[derive(Debug)]
pub struct Trace {
    began: Instant,
    passed: Option<Mutex<Vec<&'static str>>>,
}

impl Trace {
    /// Starts measuring, and marks the first milestone.
    pub fn start() -> Self {
        let wanted = std::env::var_os("PARLOUR_TRACE").is_some_and(|value| value == "1");
        let trace = Self { began: Instant::now(), passed: wanted.then(Mutex::default) };
        trace.mark("exec");
        trace
    }

    /// Returns whether milestones are traced.
    pub fn is_wanted(&self) -> bool {
        self.passed.is_some()
    }

    /// Returns whether this milestone was passed.
    pub fn is_passed(&self, milestone: &'static str) -> bool {
        self.passed().is_some_and(|passed| passed.contains(&milestone))
    }

    fn passed(&self) -> Option<MutexGuard<'_, Vec<&'static str>>> {
        Some(self.passed.as_ref()?.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Forgets the paint milestones, because the page starts again and will pass them once more.
    pub fn begin_anew(&self) {
        if let Some(mut passed) = self.passed() {
            passed.retain(|milestone| !milestone.ends_with("-paint"));
        }
    }

    /// Prints a milestone the first time it is passed.
    pub fn mark(&self, milestone: &'static str) {
        let Some(mut passed) = self.passed() else { return };
        if !passed.contains(&milestone) {
            passed.push(milestone);
            let line = format!("trace {milestone} {}", self.began.elapsed().as_millis());
            // The reader of the output may be gone.
            let _ = writeln!(std::io::stdout(), "{line}");
        }
    }
}
