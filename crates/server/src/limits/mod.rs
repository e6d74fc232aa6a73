//! Limits per account and per network: how often they may send requests, how many at a time, and how much
//! they may store.

mod fair_semaphore;
mod in_flight;
mod limiter;
mod memory;
mod network;
mod quota;
mod rate;

pub use fair_semaphore::{FairSemaphore, Requester};
pub use in_flight::{InFlight, RequestPermit};
pub use memory::ResponsePermit;
pub use network::{ClientAddress, Network};
pub use quota::Quota;
pub use rate::{RateLimits, SWEEP_INTERVAL, SignInLimit};

use std::sync::Arc;

/// The limits that apply to requests.
pub struct Limits {
    /// Requests, sign-ins and registrations.
    pub rates: RateLimits,
    /// The bytes written by each account.
    pub quota: Quota,
    /// The bytes of files uploaded by each account: per day at most the limit for all its files.
    pub uploads: Quota,
    /// The requests and responses in flight.
    pub in_flight: Arc<InFlight>,
}
