//! How long the database lets others wait.

use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use std::time::Instant;

/// Histograms of waiting times, in seconds. Clones count into the same ones.
#[derive(Clone)]
pub struct Timings {
    /// Until a connection to read with was had.
    pub wait: Histogram,
    /// Until a commit of the writer was on the disk, with everything that is done in it.
    pub commit: Histogram,
}

impl Default for Timings {
    fn default() -> Self {
        // From a quarter of a millisecond to 16 seconds.
        let empty = || Histogram::new(exponential_buckets(0.000_25, 4.0, 9));
        Self { wait: empty(), commit: empty() }
    }
}

/// Counts what took from `began` until now.
pub fn count(histogram: &Histogram, began: Instant) {
    histogram.observe(began.elapsed().as_secs_f64());
}
