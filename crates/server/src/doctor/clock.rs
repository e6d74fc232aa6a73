//! Checks whether the clock agrees with the times that the server used before.

use super::finding::{Check, Finding};
use super::server::{day, now};
use crate::clock::WRONG_CLOCK_MS;

/// Compares the newest time that the server has used, in milliseconds, with the system's clock.
pub fn compare(until: i64) -> Finding {
    let ahead_ms = until - now() * 1000;
    if ahead_ms <= WRONG_CLOCK_MS {
        return Finding::ok(
            Check::Clock,
            "the clock agrees with the times that the server used before",
        );
    }
    let found = format!(
        "the system's clock shows {}, and the server used times up to {}",
        day(now()),
        day(until / 1000)
    );
    let to_do = "correct the system's clock; if it was ahead by mistake before, stop the server and run \
        `parlour-server database clock`";
    Finding::error(Check::Clock, found, to_do)
}
