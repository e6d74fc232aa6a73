//! Handles the hints of other servers on the database.

use super::hint::Hint;
use super::registry::Hub;
use crate::lock::lock;
use std::time::Instant;

impl Hub {
    /// Waits until another server reports a new epoch.
    pub async fn wait_for_new_epoch(&self) {
        let began = lock(&self.state).new_epoch.clone();
        began.notified().await;
    }

    /// Handles hints from another server, or from an attacker who pretends to be one. They only cause look-ups:
    /// everything that permissions depend on is read from the database.
    pub fn receive_hints(&self, server: u64, hints: Vec<Hint>, now: Instant) {
        let mut state = lock(&self.state);
        state.peers.record_running(server, now);
        for hint in hints {
            match hint {
                Hint::Hello => {
                    // It reports again who is online on it, and its earlier hints may have been lost.
                    let were_online = state.peers.clear(server);
                    state.record_presence(were_online);
                    state.request_presence(now);
                }
                Hint::Alive => {}
                Hint::Epoch => state.new_epoch.notify_one(),
                Hint::Moved(stream) => {
                    if state.followers.contains_key(&stream) {
                        state.lookups.streams.insert(stream);
                    }
                }
                Hint::AccessChanged(user) => state.request_lookup(user),
                Hint::Presence(user, availability) => {
                    state.peers.set_state(server, user, availability);
                    state.record_presence([user]);
                }
                Hint::Typing(conversation, user) => {
                    if state.is_typing_pushed(conversation) {
                        state.lookups.add_typing(conversation, user);
                    }
                }
            }
        }
        if !state.lookups.is_empty() {
            self.lookups_due.notify_one();
        }
    }

    /// Starts listening to the other servers. Hints that they sent before were missed, including those
    /// about the end of sessions. At the start of the server, the users with sockets here and the streams
    /// that they follow are looked up. Later all sockets are closed instead: the clients reconnect, and are
    /// checked when they do.
    pub fn bus_connected(&self, is_first: bool, now: Instant) {
        let mut state = lock(&self.state);
        let were_online = state.peers.begin(now);
        state.record_presence(were_online);
        state.send_hint(Hint::Hello);
        state.send_online_users();
        if is_first {
            state.request_all_lookups();
            self.lookups_due.notify_one();
        } else {
            state.close_all();
        }
    }

    /// Stops listening to the other servers, and forgets who is online on them.
    pub fn bus_disconnected(&self) {
        let mut state = lock(&self.state);
        let were_online = state.peers.end();
        state.record_presence(were_online);
    }

    /// Returns whether another server is known to be running.
    pub fn has_running_peers(&self) -> bool {
        lock(&self.state).peers.any_running()
    }

    /// Returns whether this server is connected to the bus; true if it has none.
    pub fn is_bus_connected(&self) -> bool {
        let state = lock(&self.state);
        state.bus.is_none() || state.peers.is_listening()
    }

    /// Returns whether there may be other servers to notify of changes.
    pub fn has_peers(&self, now: Instant) -> bool {
        lock(&self.state).peers.may_exist(now)
    }
}
