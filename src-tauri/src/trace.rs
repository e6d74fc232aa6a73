//! `PARLOUR_TRACE=1` prints a line per milestone of the start, in milliseconds since `main`.

use std::sync::Mutex;
use std::time::Instant;

/// When the program began, and which milestones were passed.
#[derive(Debug)]
pub struct Trace {
    began: Instant,
    passed: Option<Mutex<Vec<&'static str>>>,
}

impl Trace {
    /// Begins to count.
    pub fn start() -> Self {
        let wanted = std::env::var_os("PARLOUR_TRACE").is_some_and(|value| value == "1");
        let trace = Self { began: Instant::now(), passed: wanted.then(Mutex::default) };
        trace.mark("exec");
        trace
    }

    /// Prints a milestone, once.
    pub fn mark(&self, milestone: &'static str) {
        let Some(passed) = &self.passed else { return };
        let mut passed = passed.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if !passed.contains(&milestone) {
            passed.push(milestone);
            println!("trace {milestone} {}", self.began.elapsed().as_millis());
        }
    }
}
