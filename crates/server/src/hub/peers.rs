//! The other servers on the same database, and who is online on them, according to their hints.

use parlour_protocol::{Availability, UserId};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// How long a server may be silent before it counts as stopped, and its users as offline.
const SILENCE_TIMEOUT: Duration = Duration::from_secs(10);

/// The largest number of other servers, and of users online on them. More are ignored, because anyone with write
/// access to the bus could make up any number.
const MAX_SERVERS: usize = 64;
const MAX_ONLINE: usize = 100_000;

/// The other servers.
#[derive(Default)]
pub struct Peers {
    by_server: BTreeMap<u64, Peer>,
    /// Since when this server has been listening to the others; `None` while it is not.
    listening_since: Option<Instant>,
}

struct Peer {
    last_hint_at: Instant,
    online: BTreeMap<UserId, Availability>,
}

impl Peers {
    /// Returns whether there may be another server to notify.
    pub fn may_exist(&self, now: Instant) -> bool {
        // Within that time, every running server sends something.
        let is_certain = self.listening_since.is_some_and(|since| now - since > SILENCE_TIMEOUT);
        !is_certain || !self.by_server.is_empty()
    }

    /// Returns whether this server is listening to the others.
    pub fn is_listening(&self) -> bool {
        self.listening_since.is_some()
    }

    /// Returns whether another server is known to be running.
    pub fn any_running(&self) -> bool {
        !self.by_server.is_empty()
    }

    /// Starts listening, or starts again, and forgets all servers, because hints may have been missed. Returns who
    /// was online on them.
    pub fn begin(&mut self, now: Instant) -> Vec<UserId> {
        self.listening_since = Some(now);
        self.take_all()
    }

    /// Stops listening, and forgets all servers. Returns who was online on them.
    pub fn end(&mut self) -> Vec<UserId> {
        self.listening_since = None;
        self.take_all()
    }

    fn take_all(&mut self) -> Vec<UserId> {
        std::mem::take(&mut self.by_server)
            .into_values()
            .flat_map(|peer| peer.online.into_keys())
            .collect()
    }

    /// Records that a server is running. Ignored if there are too many servers.
    pub fn record_running(&mut self, server: u64, now: Instant) {
        if self.by_server.len() >= MAX_SERVERS && !self.by_server.contains_key(&server) {
            return;
        }
        let peer = self.by_server.entry(server);
        peer.or_insert_with(|| Peer { last_hint_at: now, online: BTreeMap::new() }).last_hint_at =
            now;
    }

    /// Sets the state of a user on a server. Further users are ignored once there are too many.
    pub fn set_state(&mut self, server: u64, user: UserId, state: Availability) {
        let count = self.by_server.values().map(|peer| peer.online.len()).sum::<usize>();
        let Some(peer) = self.by_server.get_mut(&server) else { return };
        if state == Availability::Offline {
            peer.online.remove(&user);
        } else if count < MAX_ONLINE || peer.online.contains_key(&user) {
            peer.online.insert(user, state);
        }
    }

    /// Forgets who is online on a server, and returns those users.
    pub fn clear(&mut self, server: u64) -> Vec<UserId> {
        let peer = self.by_server.get_mut(&server);
        peer.map(|peer| std::mem::take(&mut peer.online).into_keys().collect()).unwrap_or_default()
    }

    /// Returns the states of a user on the other servers.
    pub fn states(&self, user: UserId) -> impl Iterator<Item = Availability> {
        self.by_server.values().filter_map(move |peer| peer.online.get(&user).copied())
    }

    /// Forgets the servers that have been silent for too long. Returns who was online on them.
    pub fn forget_silent(&mut self, now: Instant) -> Vec<UserId> {
        let expired =
            self.by_server.extract_if(.., |_, peer| now - peer.last_hint_at > SILENCE_TIMEOUT);
        expired.flat_map(|(_, peer)| peer.online.into_keys()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn users_of_a_silent_server_become_offline() {
        let (mut peers, wren, now) = (Peers::default(), UserId(Uuid::from_u128(1)), Instant::now());
        peers.record_running(1, now);
        peers.set_state(1, wren, Availability::Away);
        assert!(peers.forget_silent(now + SILENCE_TIMEOUT).is_empty());
        assert_eq!(peers.states(wren).collect::<Vec<_>>(), [Availability::Away]);
        assert_eq!(peers.forget_silent(now + SILENCE_TIMEOUT + Duration::from_millis(1)), [wren]);
        assert_eq!(peers.states(wren).count(), 0);
    }

    #[test]
    fn the_numbers_of_servers_and_of_their_users_are_limited() {
        let (mut peers, now) = (Peers::default(), Instant::now());
        for server in 0..1000 {
            peers.record_running(server, now);
            for user in 0..2000 {
                let user = UserId(Uuid::from_u128(u128::from(server) * 10_000 + user));
                peers.set_state(server, user, Availability::Online);
            }
        }
        assert_eq!(peers.by_server.len(), MAX_SERVERS);
        assert_eq!(peers.take_all().len(), MAX_ONLINE);
    }

    #[test]
    fn a_server_is_alone_after_listening_for_long_enough_but_not_without_a_connection() {
        let (mut peers, now) = (Peers::default(), Instant::now());
        let later = now + 2 * SILENCE_TIMEOUT;
        assert!(peers.may_exist(later), "not listening yet");
        peers.begin(now);
        assert!(peers.may_exist(now + SILENCE_TIMEOUT), "too early to be certain");
        assert!(!peers.may_exist(later));
        peers.record_running(1, later);
        assert!(peers.may_exist(later));
        peers.end();
        assert!(peers.may_exist(later + SILENCE_TIMEOUT), "the connection is lost");
    }
}
