//! What the hub hears of the other servers on the database.

use super::hint::Hint;
use super::registry::Hub;
use crate::lock::lock;
use std::time::Instant;

impl Hub {
    /// Waits until another server says that it began a new epoch.
    pub async fn epoch_began(&self) {
        let began = lock(&self.state).epoch_began.clone();
        began.notified().await;
    }

    /// Takes what another server says, or somebody in its name: what it names is looked up, and what gives a
    /// right is then read from the database.
    pub fn hear(&self, server: u64, hints: Vec<Hint>, now: Instant) {
        let mut state = lock(&self.state);
        state.peers.hear(server, now);
        for hint in hints {
            match hint {
                Hint::Hello => state.request_presence(now),
                Hint::Alive => {}
                Hint::Epoch => state.epoch_began.notify_one(),
                Hint::Moved(stream) => {
                    if state.followers.contains_key(&stream) {
                        state.recheck.streams.insert(stream);
                    }
                }
                Hint::Access(user) => state.recheck_person(user),
                Hint::Came(user) => {
                    let was_here = state.is_online(user);
                    state.peers.come(server, user);
                    if !was_here && state.is_online(user) {
                        state.tell_presence(user, true);
                    }
                }
                Hint::Went(user) => {
                    state.peers.go(server, user);
                    state.tell_if_gone(user);
                }
                Hint::Typing(conversation, user) => {
                    if state.is_typing_told(conversation) {
                        state.recheck.add_typing(conversation, user);
                    }
                }
            }
        }
        if !state.recheck.is_empty() {
            self.recheck_due.notify_one();
        }
    }

    /// The other servers are heard from here on; what they said before was missed, the end of
    /// sessions among it. At the start whoever is here already is looked up, with what they follow; later
    /// they are told to come again, and are then checked.
    pub fn begin_hearing(&self, is_first: bool, now: Instant) {
        let mut state = lock(&self.state);
        let were_there = state.peers.begin(now);
        were_there.into_iter().for_each(|user| state.tell_if_gone(user));
        state.tell(Hint::Hello);
        state.tell_who_is_online();
        if is_first {
            state.recheck_all();
            self.recheck_due.notify_one();
        } else {
            state.close_all();
        }
    }

    /// The other servers are not heard any more.
    pub fn end_hearing(&self) {
        let mut state = lock(&self.state);
        let were_there = state.peers.end();
        were_there.into_iter().for_each(|user| state.tell_if_gone(user));
    }

    /// Whether another server was heard lately.
    pub fn hears_others(&self) -> bool {
        lock(&self.state).peers.are_heard()
    }

    /// Whether this server can tell the others what moves, and hear them; true where there are none.
    pub fn is_on_the_bus(&self) -> bool {
        let state = lock(&self.state);
        state.bus.is_none() || state.peers.is_listening()
    }

    /// Whether other servers may be there, who must be told what moves.
    pub fn has_peers(&self, now: Instant) -> bool {
        lock(&self.state).peers.may_be_there(now)
    }
}
