//! Token buckets (governor's GCRA), one for each key, such as an account or a network.
//!
//! The buckets' keys are hashes, so a long name takes no more memory than a short one. A bucket is dropped
//! once it is full again.

use super::network::Network;
use crate::error::ApiError;
use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use std::hash::{BuildHasher, Hash, RandomState};
use std::num::NonZeroU32;
use std::time::Duration;

/// The factor by which the limits of an IPv6 /48 exceed those of a /64.
pub(super) const WIDE_FACTOR: u32 = 4;
/// The retry time for a request that exceeds the burst of a bucket, and therefore always fails.
const RETRY_AFTER_TOO_MANY: Duration = Duration::from_secs(3600);

pub(super) fn positive(count: u32) -> NonZeroU32 {
    NonZeroU32::new(count).expect("a limit is not 0")
}

/// A bucket for each key.
pub(super) struct KeyedLimiter {
    pub(super) buckets: DefaultKeyedRateLimiter<u64>,
    /// Has a random seed, so that an attacker cannot find keys that collide.
    hasher: RandomState,
}

impl KeyedLimiter {
    pub(super) fn new(quota: Quota) -> Self {
        Self { buckets: RateLimiter::keyed(quota), hasher: RandomState::new() }
    }

    pub(super) fn check(&self, key: impl Hash) -> Result<(), ApiError> {
        self.check_n(key, NonZeroU32::MIN)
    }

    /// Counts `count` at once; fails without counting any if they exceed the burst.
    pub(super) fn check_n(&self, key: impl Hash, count: NonZeroU32) -> Result<(), ApiError> {
        match self.buckets.check_key_n(&self.hasher.hash_one(key), count) {
            Ok(Ok(())) => Ok(()),
            Ok(Err(until)) => {
                Err(ApiError::rate_limited(until.wait_time_from(DefaultClock::default().now())))
            }
            Err(_) => Err(ApiError::rate_limited(RETRY_AFTER_TOO_MANY)),
        }
    }

    pub(super) fn sweep(&self) {
        self.buckets.retain_recent();
        self.buckets.shrink_to_fit();
    }
}

/// A bucket for each network, and one for each wider network.
pub(super) struct NetworkLimiter {
    pub(super) narrow: KeyedLimiter,
    pub(super) wide: KeyedLimiter,
}

impl NetworkLimiter {
    pub(super) fn new(quota: Quota) -> Self {
        let wide = positive(WIDE_FACTOR);
        let burst = quota.burst_size().saturating_mul(wide);
        let faster = Quota::with_period(quota.replenish_interval() / WIDE_FACTOR).unwrap_or(quota);
        Self {
            narrow: KeyedLimiter::new(quota),
            wide: KeyedLimiter::new(faster.allow_burst(burst)),
        }
    }

    pub(super) fn check(&self, network: Network) -> Result<(), ApiError> {
        self.narrow.check(network)?;
        if network.wide() == network { Ok(()) } else { self.wide.check(network.wide()) }
    }
}
