//! What is counted while it happens.

use super::access::{Access, Admitted};
use super::request::Answered;
use axum::http::HeaderMap;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::{Family, MetricConstructor};
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use std::net::IpAddr;
use std::sync::OnceLock;
use std::time::Duration;

/// Makes the histogram of a route's requests: from a millisecond to 16 seconds.
#[derive(Debug, Clone)]
pub struct Buckets;

impl MetricConstructor<Histogram> for Buckets {
    fn new_metric(&self) -> Histogram {
        Histogram::new(exponential_buckets(0.001, 4.0, 8))
    }
}

/// What a server counts, and who may read it.
pub struct Metrics {
    /// Requests and how long each took until its answer began, by how they were answered.
    pub requests: Family<Answered, Histogram, Buckets>,
    /// Messages that were accepted, also those that had been accepted before.
    pub accepted: Counter,
    access: OnceLock<Access>,
}

impl Default for Metrics {
    fn default() -> Self {
        let requests = Family::new_with_constructor(Buckets);
        Self { requests, accepted: Counter::default(), access: OnceLock::new() }
    }
}

impl Metrics {
    /// Lets these read the metrics, once; before that nobody may.
    pub fn admit(&self, access: Access) {
        let _ = self.access.set(access);
    }

    /// Whether this peer, whose request has these headers, may read them.
    pub fn admits(&self, peer: IpAddr, headers: &HeaderMap) -> Admitted {
        self.access.get().map_or(Admitted::No, |access| access.admits(peer, headers))
    }

    /// Counts a request.
    pub fn count(&self, answered: &Answered, took: Duration) {
        self.requests.get_or_create(answered).observe(took.as_secs_f64());
    }
}
