//! What a server knows of its open database.
//!
//! A *run* begins each time a server opens the database or connects to it again. Each watermark belongs to the run in
//! which it was committed (see [`super::proof`]).

use super::server_id::ServerId;
use crate::lock::lock;
use data_encoding::HEXLOWER;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

/// The number of runs whose highest watermark a server remembers.
const MAX_RUNS: usize = 64;

/// What a server knows of its open database: epoch, key, clock and watermarks.
pub struct Instance {
    epoch: Mutex<Arc<str>>,
    secret: String,
    /// For each run, the highest watermark read or committed since the connection was made. One watermark for all runs
    /// would not be enough: other servers may already write to a promoted standby. Their watermarks are then higher
    /// than the lost ones, and would hide the loss.
    newest_by_run: Mutex<BTreeMap<String, i64>>,
    /// An upper bound of the times that the clock has returned, in milliseconds.
    pub clock: i64,
}

impl Instance {
    /// Creates the instance of a database in this epoch, with this key.
    pub fn new(epoch: &str, secret: &str) -> Self {
        let (epoch, newest_by_run) = (Mutex::new(epoch.into()), Mutex::default());
        Self { epoch, secret: secret.into(), newest_by_run, clock: 0 }
    }

    /// Sets the upper bound of the times that the clock has returned, in milliseconds.
    pub fn with_clock(self, clock: i64) -> Self {
        Self { clock, ..self }
    }

    /// Returns the current epoch.
    pub fn epoch(&self) -> Arc<str> {
        lock(&self.epoch).clone()
    }

    /// Returns the identity of the server; `None` if the database has no key, as during a copy.
    pub fn server_id(&self) -> Option<ServerId> {
        ServerId::of_secret(&self.secret)
    }

    /// Sets the epoch from now on.
    pub fn set_epoch(&self, epoch: Arc<str>) {
        *lock(&self.epoch) = epoch;
    }

    /// Records a watermark that was read or committed, and its run. If there are too many runs, the one with the
    /// lowest watermark is forgotten.
    pub fn record_watermark(&self, watermark: i64, run: &str) {
        let mut newest_by_run = lock(&self.newest_by_run);
        if let Some(highest) = newest_by_run.get_mut(run) {
            *highest = watermark.max(*highest);
            return;
        }
        newest_by_run.insert(run.into(), watermark);
        if newest_by_run.len() > MAX_RUNS
            && let Some(lowest) = newest_by_run
                .iter()
                .min_by_key(|(_, watermark)| **watermark)
                .map(|(run, _)| run.clone())
        {
            newest_by_run.remove(&lowest);
        }
    }

    /// Returns the highest watermark seen of each run.
    pub fn newest_by_run(&self) -> BTreeMap<String, i64> {
        lock(&self.newest_by_run).clone()
    }

    /// Forgets the watermarks seen before and starts from this one, of this run.
    pub fn reset_watermarks(&self, watermark: i64, run: &str) {
        *lock(&self.newest_by_run) = BTreeMap::from([(run.into(), watermark)]);
    }

    /// Returns the MAC that proves that this database had a watermark in a run, in the current epoch.
    pub fn mac(&self, watermark: i64, run: &str) -> Hmac<Sha256> {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.secret.as_bytes())
            .expect("a key of any length will do");
        mac.update(format!("parlour heads\n{}\n{run}\n{watermark}", self.epoch()).as_bytes());
        mac
    }
}

/// Returns a unique random name: 64 bits in hex.
pub fn random_name() -> String {
    HEXLOWER.encode(&rand::random::<u64>().to_be_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_runs_with_the_highest_watermarks_are_remembered_up_to_a_limit() {
        let instance = Instance::new("epoch", "secret");
        for watermark in 0..1000 {
            instance.record_watermark(watermark, &format!("{watermark}"));
        }
        instance.record_watermark(3, "999");
        let newest_by_run = lock(&instance.newest_by_run);
        assert_eq!(
            (newest_by_run.len(), newest_by_run.values().min(), newest_by_run["999"]),
            (MAX_RUNS, Some(&936), 999)
        );
    }
}
