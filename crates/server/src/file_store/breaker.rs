//! Stops asking a service that does not respond. After a few requests in a row without a response, others fail at once,
//! so that they do not wait in threads; one now and then is made, to find out whether the service responds again.

use crate::lock::lock;
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// The number of requests in a row without a response after which others fail at once.
pub const MAX_UNANSWERED: u32 = 3;
/// The time between two requests to a service that does not respond.
const PROBE_INTERVAL: Duration = Duration::from_secs(5);

/// Whether a service responds.
#[derive(Debug, Default)]
pub struct Breaker(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    /// The number of requests without a response since the last response.
    unanswered: u32,
    /// When the next request may be made, if the service does not respond.
    next_probe: Option<Instant>,
}

impl Breaker {
    /// Returns whether a request may be made now.
    pub fn admits(&self, now: Instant) -> bool {
        let mut state = lock(&self.0);
        if state.unanswered < MAX_UNANSWERED {
            return true;
        }
        let is_due = state.next_probe.is_none_or(|at| at <= now);
        if is_due {
            state.next_probe = Some(now + PROBE_INTERVAL);
        }
        is_due
    }

    /// Records that the service responded, if only with an error.
    pub fn record_response(&self) {
        *lock(&self.0) = State::default();
    }

    /// Records that the service did not respond in time.
    pub fn record_silence(&self, now: Instant) {
        let mut state = lock(&self.0);
        state.unanswered = state.unanswered.saturating_add(1);
        state.next_probe = Some(now + PROBE_INTERVAL);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_silent_service_is_asked_now_and_then_until_it_responds() {
        let (breaker, mut now) = (Breaker::default(), Instant::now());
        for _ in 0..MAX_UNANSWERED {
            assert!(breaker.admits(now));
            breaker.record_silence(now);
        }
        assert!(!breaker.admits(now));
        for _ in 0..3 {
            now += PROBE_INTERVAL;
            assert!(breaker.admits(now), "one request finds out whether it responds");
            assert!(!breaker.admits(now), "and no second one");
        }
        breaker.record_silence(now);
        assert!(!breaker.admits(now));
        breaker.record_response();
        assert!(breaker.admits(now) && breaker.admits(now));
        breaker.record_silence(now);
        assert!(breaker.admits(now), "one request without a response may be an accident");
    }
}
