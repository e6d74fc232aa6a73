//! Limits per account and per network: how often they may send requests, how many at a time, and how much
//! they may store.

mod in_flight;
mod network;
mod quota;
mod rate;

pub use in_flight::{InFlight, RequestPermit, ResponsePermit};
pub use network::Network;
pub use quota::Quota;
pub use rate::{RateLimits, SWEEP};

use std::sync::Arc;

/// The limits that requests are counted against.
pub struct Limits {
    /// Requests, sign-ins and registrations.
    pub rates: RateLimits,
    /// The bytes written by each account.
    pub quota: Quota,
    /// The requests and responses in flight.
    pub in_flight: Arc<InFlight>,
}
