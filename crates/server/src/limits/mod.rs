//! How much an account, or a network, may ask of the server: how often, how much at a time, and how much
//! to be stored.

mod in_flight;
mod network;
mod quota;
mod rate;

pub use in_flight::{InFlight, RequestPermit, ResponsePermit};
pub use network::Network;
pub use quota::Quota;
pub use rate::{RateLimits, SWEEP};

use std::sync::Arc;

/// What requests are counted against.
pub struct Limits {
    /// Requests, sign-ins and registrations.
    pub rates: RateLimits,
    /// Bytes written by each account.
    pub quota: Quota,
    /// What is being answered now.
    pub in_flight: Arc<InFlight>,
}
