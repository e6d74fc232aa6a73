//! Limits per account and per network: how often they may send requests, how many at a time, and how much
//! they may store.

mod in_flight;
mod limiter;
mod memory;
mod network;
mod quota;
mod rate;
mod turns;

pub use in_flight::{InFlight, RequestPermit};
pub use memory::ResponsePermit;
pub use network::{Network, Place};
pub use quota::Quota;
pub use rate::{RateLimits, SWEEP, SignInLimit};
pub use turns::{Asker, Turns};

use std::sync::Arc;

/// The limits that requests are counted against.
pub struct Limits {
    /// Requests, sign-ins and registrations.
    pub rates: RateLimits,
    /// The bytes written by each account.
    pub quota: Quota,
    /// The bytes of files uploaded by each account: in a day at most as much as all its files may have.
    pub uploads: Quota,
    /// The requests and responses in flight.
    pub in_flight: Arc<InFlight>,
}
