//! The metrics that are counted as things happen.

use super::access::{Access, AccessDecision};
use super::request::RequestOutcome;
use axum::http::HeaderMap;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::{Family, MetricConstructor};
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use std::net::IpAddr;
use std::sync::OnceLock;
use std::time::Duration;

/// Creates the histogram for a route's requests, from a millisecond to 16 seconds.
#[derive(Debug, Clone)]
pub struct RequestHistogram;

impl MetricConstructor<Histogram> for RequestHistogram {
    fn new_metric(&self) -> Histogram {
        Histogram::new(exponential_buckets(0.001, 4.0, 8))
    }
}

/// The metrics that a server counts, and who may read them.
pub struct Metrics {
    /// The number of requests and the time until each response began, by method, route and status.
    pub requests: Family<RequestOutcome, Histogram, RequestHistogram>,
    /// The number of messages that were accepted, including repetitions of ones accepted before.
    pub accepted: Counter,
    access: OnceLock<Access>,
}

impl Default for Metrics {
    fn default() -> Self {
        let requests = Family::new_with_constructor(RequestHistogram);
        Self { requests, accepted: Counter::default(), access: OnceLock::new() }
    }
}

impl Metrics {
    /// Sets who may read the metrics. Until then nobody may; further calls do nothing.
    pub fn set_access(&self, access: Access) {
        let _ = self.access.set(access);
    }

    /// Decides whether a peer that sent a request with these headers may read the metrics.
    pub fn decide(&self, peer: IpAddr, headers: &HeaderMap) -> AccessDecision {
        self.access.get().map_or(AccessDecision::No, |access| access.decide(peer, headers))
    }

    /// Counts a request.
    pub fn count(&self, outcome: &RequestOutcome, took: Duration) {
        self.requests.get_or_create(outcome).observe(took.as_secs_f64());
    }
}
