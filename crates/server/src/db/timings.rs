//! How long callers wait for the database.

use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use std::time::Instant;

/// Histograms of waiting times, in seconds. Clones share them.
#[derive(Clone)]
pub struct Timings {
    /// The time until a connection for reading was available.
    pub wait: Histogram,
    /// The time that a commit of the writer took, until it was on the disk.
    pub commit: Histogram,
}

impl Default for Timings {
    fn default() -> Self {
        // From a quarter of a millisecond to 16 seconds.
        let empty = || Histogram::new(exponential_buckets(0.000_25, 4.0, 9));
        Self { wait: empty(), commit: empty() }
    }
}

/// Adds the time since `began` to a histogram.
pub fn observe(histogram: &Histogram, began: Instant) {
    histogram.observe(began.elapsed().as_secs_f64());
}
