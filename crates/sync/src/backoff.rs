//! The times of retries: "full jitter" (Brooker, "Exponential Backoff And Jitter", 2015), from 1 s to
//! 60 s.

use crate::now::Now;

const BASE_MS: i64 = 1_000;
const CAP_MS: i64 = 60_000;

/// Counts consecutive failures.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Backoff {
    failures: u32,
    retry_at: Option<Now>,
}

impl Backoff {
    /// Records a failure: the next attempt is after a random time below a bound that doubles with each
    /// failure, from 1 s to 60 s, or after the time that the server asked for (at most 10 minutes),
    /// whichever is later.
    pub fn record_failure(&mut self, now: Now, retry_after: Option<i64>, jitter: &mut Jitter) {
        let bound = BASE_MS.saturating_mul(1 << self.failures.min(10)).min(CAP_MS);
        self.failures = self.failures.saturating_add(1);
        let wait = jitter.below(bound).max(retry_after.unwrap_or(0).clamp(0, 10 * CAP_MS));
        self.retry_at = Some(now + wait);
    }

    /// Returns the number of consecutive failures.
    pub fn failures(&self) -> u32 {
        self.failures
    }

    /// Returns whether the next attempt is due.
    pub fn is_due(&self, now: Now) -> bool {
        self.retry_at.is_none_or(|at| at <= now)
    }

    /// Returns when the next attempt is due, or `None` if it is due already.
    pub fn due_at(&self, now: Now) -> Option<Now> {
        self.retry_at.filter(|at| *at > now)
    }

    /// Makes the next attempt due at once. The number of failures stays, so later pauses stay long.
    pub fn retry_now(&mut self) {
        self.retry_at = None;
    }
}

/// Random numbers from a seed (xorshift64*, Vigna 2016), so that a run can be replayed.
#[derive(Debug, Clone)]
pub struct Jitter(u64);

impl Jitter {
    /// Creates a generator from a seed.
    pub fn new(seed: u64) -> Self {
        Self(seed | 1)
    }

    /// Returns a number from 0 to below `bound`, or 0 if `bound` is less than 1.
    pub fn below(&mut self, bound: i64) -> i64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let drawn = self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33;
        i64::try_from(drawn).expect("31 bits") % bound.max(1)
    }
}
