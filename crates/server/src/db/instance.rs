//! What a server knows of the database that it has open.

use crate::lock::lock;
use data_encoding::HEXLOWER;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

/// Runs of which a server remembers how far it saw them, since it was connected.
const SEEN: usize = 64;

/// What a server knows of the database that it has open.
pub struct Instance {
    epoch: Mutex<Arc<str>>,
    secret: String,
    /// The highest watermark of each run that was read or committed since the connection was made. One for
    /// all would not do: what is read from a promoted standby, where others write already, is higher than
    /// what it lacks, and would hide that.
    seen: Mutex<BTreeMap<String, i64>>,
    /// No time was given out before that is later than this.
    pub clock: i64,
}

impl Instance {
    /// A database in this epoch, with this key.
    pub fn new(epoch: &str, secret: &str) -> Self {
        let (epoch, seen) = (Mutex::new(epoch.into()), Mutex::default());
        Self { epoch, secret: secret.into(), seen, clock: 0 }
    }

    /// The same, where no time was given out that is later than this, in milliseconds.
    pub fn after(self, clock: i64) -> Self {
        Self { clock, ..self }
    }

    /// The epoch.
    pub fn epoch(&self) -> Arc<str> {
        lock(&self.epoch).clone()
    }

    /// Another one is true from here on.
    pub fn set_epoch(&self, epoch: Arc<str>) {
        *lock(&self.epoch) = epoch;
    }

    /// Takes a watermark that was read or committed, and the run in which it is. Of too many runs the one with
    /// the lowest watermark is forgotten.
    pub fn note(&self, wm: i64, run: &str) {
        let mut seen = lock(&self.seen);
        if let Some(highest) = seen.get_mut(run) {
            *highest = wm.max(*highest);
            return;
        }
        seen.insert(run.into(), wm);
        if seen.len() > SEEN
            && let Some(lowest) = seen.iter().min_by_key(|(_, wm)| **wm).map(|(run, _)| run.clone())
        {
            seen.remove(&lowest);
        }
    }

    /// What was seen of each run.
    pub fn seen(&self) -> BTreeMap<String, i64> {
        lock(&self.seen).clone()
    }

    /// Counts from here on, whatever was seen before.
    pub fn restart(&self, wm: i64, run: &str) {
        *lock(&self.seen) = BTreeMap::from([(run.into(), wm)]);
    }

    /// What vouches for a watermark of a run in this epoch.
    pub fn mac(&self, wm: i64, run: &str) -> Hmac<Sha256> {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.secret.as_bytes())
            .expect("a key of any length will do");
        mac.update(format!("parlour heads\n{}\n{run}\n{wm}", self.epoch()).as_bytes());
        mac
    }
}

/// A name that nothing else has.
pub fn random_name() -> String {
    HEXLOWER.encode(&rand::random::<u64>().to_be_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_so_many_runs_are_remembered_and_the_furthest_of_them() {
        let instance = Instance::new("epoch", "secret");
        for wm in 0..1000 {
            instance.note(wm, &format!("{wm}"));
        }
        instance.note(3, "999");
        let seen = lock(&instance.seen);
        assert_eq!((seen.len(), seen.values().min(), seen["999"]), (SEEN, Some(&936), 999));
    }
}
