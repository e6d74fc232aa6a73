//! The places that people were lately signed in from, no matter who. Sign-ins from there do not wait behind
//! those of strangers. That it does not matter who makes it tell nobody which names there are.

use crate::db::{DbError, Tx};
use crate::limits::Place;
use crate::lock::lock;
use crate::queries::session_places;
use parlour_protocol::Millis;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Mutex;

/// A place that was used within so long is known.
pub const LATELY_MS: i64 = 90 * 24 * 3600 * 1000;
/// The number of places remembered; further ones are not until some are forgotten.
const MAX_ENTRIES: usize = 100_000;

/// When each place was last used.
#[derive(Default)]
pub struct KnownPlaces(Mutex<HashMap<Place, Millis>>);

impl KnownPlaces {
    /// Reads the places of the sessions that are valid.
    ///
    /// # Errors
    /// Fails if the database does.
    pub async fn load(&self, tx: &Tx, now: Millis) -> Result<(), DbError> {
        let limit = i64::try_from(MAX_ENTRIES).unwrap_or(i64::MAX);
        for (address, used_at) in session_places::recent_addresses(tx, now, limit).await? {
            if let Ok(address) = address.parse::<IpAddr>() {
                self.note(address, used_at);
            }
        }
        Ok(())
    }

    /// Notes that somebody who is signed in is at an address.
    pub fn note(&self, address: IpAddr, now: Millis) {
        let mut places = lock(&self.0);
        if let Some(at) = places.get_mut(&address.into()) {
            *at = now.max(*at);
        } else if places.len() < MAX_ENTRIES {
            places.insert(address.into(), now);
        }
    }

    /// Returns whether somebody was lately signed in at an address.
    pub fn is_known(&self, address: IpAddr, now: Millis) -> bool {
        lock(&self.0).get(&address.into()).is_some_and(|at| at.0 > now.0 - LATELY_MS)
    }

    /// Forgets the places that were not used lately.
    pub fn sweep(&self, now: Millis) {
        lock(&self.0).retain(|_, at| at.0 > now.0 - LATELY_MS);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_known_for_a_while_and_its_neighbours_are_not() {
        let places = KnownPlaces::default();
        let [home, neighbour, six, next] =
            ["192.0.2.10", "192.0.2.11", "2001:db8::10", "2001:db8::ffff:1"]
                .map(|address| address.parse::<IpAddr>().unwrap());
        places.note(home, Millis(0));
        places.note(six, Millis(0));
        assert!(places.is_known(home, Millis(LATELY_MS - 1)));
        assert!(places.is_known(next, Millis(1)), "the same /64");
        assert!(!places.is_known(neighbour, Millis(1)));
        assert!(!places.is_known(home, Millis(LATELY_MS)));
        places.sweep(Millis(LATELY_MS));
        assert!(lock(&places.0).is_empty());
    }
}
