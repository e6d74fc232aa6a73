//! The server's time, on which order and dates depend: it never goes backwards, not even across a restart.
//!
//! While the server runs, the database contains a time a little later than any that the clock has returned. After a
//! crash, the server continues from there; after a normal shutdown, from the newest returned time.

use parlour_protocol::Millis;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime};

/// How often the time in the database is updated.
pub const CHECK_INTERVAL: Duration = Duration::from_secs(10);
/// How far the time in the database is ahead of the newest one that the clock has returned.
const AHEAD_MS: i64 = 20_000;
/// If the system's clock is this far behind, it was probably wrong before.
pub const WRONG_CLOCK_MS: i64 = 5 * 60 * 1000;

/// The server's clock: the newest time that it has returned, and the time in the database.
pub struct Clock {
    newest: AtomicI64,
    stored: AtomicI64,
}

impl Clock {
    /// Continues from the time in the database.
    pub fn continuing_from(stored: i64) -> Self {
        let clock = Self { newest: stored.into(), stored: stored.into() };
        clock.warn_if_behind();
        clock
    }

    /// Returns the current time.
    pub fn now(&self) -> Millis {
        let system = system_ms();
        Millis(self.newest.fetch_max(system, Ordering::Relaxed).max(system))
    }

    /// Returns the time of the system, which no server's clock is behind: a process that has just begun may be some
    /// seconds ahead of a running server.
    pub fn system() -> Millis {
        Millis(system_ms())
    }

    /// Returns the newest time that the clock has returned and the time in the database, in milliseconds.
    pub fn newest_and_stored(&self) -> (i64, i64) {
        (self.newest.load(Ordering::Relaxed), self.stored.load(Ordering::Relaxed))
    }

    /// Records that the database contains this time, in milliseconds.
    pub fn set_stored(&self, until: i64) {
        self.stored.store(until, Ordering::Relaxed);
    }

    /// Returns the time to store in the database, if the stored one would be reached within the next
    /// [`CHECK_INTERVAL`].
    pub fn time_to_store(&self) -> Option<i64> {
        let (newest, stored) = self.newest_and_stored();
        let step = i64::try_from(CHECK_INTERVAL.as_millis()).unwrap_or(i64::MAX);
        (newest + step > stored).then_some(newest + AHEAD_MS)
    }

    /// Logs an error if the system's clock is far behind the newest time that this clock has returned.
    pub fn warn_if_behind(&self) {
        let ahead_ms = self.newest.load(Ordering::Relaxed) - system_ms();
        if ahead_ms > WRONG_CLOCK_MS {
            tracing::error!(
                ahead_ms,
                "the system's clock is behind the times that the server used before, and the server's time \
                 stands still until it catches up: correct it; if it was ahead by mistake, stop the \
                 server and run `parlour-server database clock`"
            );
        }
    }
}

fn system_ms() -> i64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_never_goes_back_and_the_stored_time_is_always_ahead() {
        let system = system_ms();
        let clock = Clock::continuing_from(system + 1_000_000);
        assert_eq!(clock.now(), Millis(system + 1_000_000));
        assert_eq!(clock.time_to_store(), Some(system + 1_000_000 + AHEAD_MS));
        let clock = Clock::continuing_from(0);
        assert!(clock.now() >= Millis(system));
        assert!(clock.time_to_store().is_some_and(|until| until >= system + AHEAD_MS));
    }
}
