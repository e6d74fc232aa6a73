//! The addresses that any user was recently signed in from. Sign-ins from there do not queue behind those from
//! unknown addresses. The set is the same for all accounts, so that it does not reveal which usernames exist.

use crate::db::{DbError, Tx};
use crate::limits::ClientAddress;
use crate::lock::lock;
use crate::queries::session_addresses;
use parlour_protocol::Millis;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Mutex;

/// How long an address counts as known after its last use.
pub const KNOWN_FOR_MS: i64 = 90 * 24 * 3600 * 1000;
/// The largest number of stored addresses; further ones are ignored until some are removed.
const MAX_ENTRIES: usize = 100_000;

/// When each address was last used.
#[derive(Default)]
pub struct KnownAddresses(Mutex<HashMap<ClientAddress, Millis>>);

impl KnownAddresses {
    /// Loads the addresses of the valid sessions.
    ///
    /// # Errors
    /// Fails if the database does.
    pub async fn load(&self, tx: &Tx, now: Millis) -> Result<(), DbError> {
        let limit = i64::try_from(MAX_ENTRIES).unwrap_or(i64::MAX);
        for (address, used_at) in session_addresses::recent_addresses(tx, now, limit).await? {
            if let Ok(address) = address.parse::<IpAddr>() {
                self.record(address, used_at);
            }
        }
        Ok(())
    }

    /// Records that a signed-in user has an address.
    pub fn record(&self, address: IpAddr, now: Millis) {
        let mut addresses = lock(&self.0);
        if let Some(last_used) = addresses.get_mut(&address.into()) {
            *last_used = now.max(*last_used);
        } else if addresses.len() < MAX_ENTRIES {
            addresses.insert(address.into(), now);
        }
    }

    /// Returns whether any user was recently signed in from an address.
    pub fn is_known(&self, address: IpAddr, now: Millis) -> bool {
        lock(&self.0)
            .get(&address.into())
            .is_some_and(|last_used| last_used.0 > now.0 - KNOWN_FOR_MS)
    }

    /// Removes the addresses that were not used recently.
    pub fn sweep(&self, now: Millis) {
        lock(&self.0).retain(|_, last_used| last_used.0 > now.0 - KNOWN_FOR_MS);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_known_for_a_limited_time_and_its_neighbours_are_not() {
        let addresses = KnownAddresses::default();
        let [home, neighbour, v6, v6_neighbour] =
            ["192.0.2.10", "192.0.2.11", "2001:db8::10", "2001:db8::ffff:1"]
                .map(|address| address.parse::<IpAddr>().unwrap());
        addresses.record(home, Millis(0));
        addresses.record(v6, Millis(0));
        assert!(addresses.is_known(home, Millis(KNOWN_FOR_MS - 1)));
        assert!(addresses.is_known(v6_neighbour, Millis(1)), "the same /64");
        assert!(!addresses.is_known(neighbour, Millis(1)));
        assert!(!addresses.is_known(home, Millis(KNOWN_FOR_MS)));
        addresses.sweep(Millis(KNOWN_FOR_MS));
        assert!(lock(&addresses.0).is_empty());
    }
}
