//! Who watches whose presence. It changes at a tick, and is sent to those sockets that watch the user.

use super::registry::{Hub, Subscriber};
use crate::lock::lock;
use parlour_protocol::{Availability, Millis, Presence, UserId};
use std::collections::{BTreeMap, BTreeSet, HashSet};

impl Hub {
    /// Sets whether the operator's settings have presence.
    pub fn set_presence(&self, is_on: bool) {
        lock(&self.state).switch_presence(|presence| presence.said_off = !is_on);
    }

    /// Sets what an administrator chose, which overrides the operator's settings.
    pub fn set_chosen_presence(&self, chosen: Option<bool>) {
        lock(&self.state).switch_presence(|presence| presence.chosen = chosen);
    }

    /// Returns whether the server has presence and statuses.
    pub fn has_presence(&self) -> bool {
        lock(&self.state).presence.is_on()
    }

    /// Notes what a device says of its user. It counts from the next tick on.
    pub fn say(&self, subscriber: &Subscriber, said: Availability) {
        let mut state = lock(&self.state);
        if let Some(socket) = state.sockets.get_mut(&subscriber.id) {
            socket.said = Some(said);
            state.presence.note_device(subscriber.outbound.user_id);
        }
    }

    /// Returns those of these users whom a socket does not watch yet.
    pub fn not_watched(&self, subscriber: &Subscriber, users: &[UserId]) -> Vec<UserId> {
        let state = lock(&self.state);
        let Some(socket) = state.sockets.get(&subscriber.id) else { return Vec::new() };
        let known: HashSet<&UserId> = socket.watches.iter().collect();
        users.iter().filter(|user| !known.contains(user)).copied().collect()
    }

    /// Makes a socket watch these users and no others: sends it whether they are online, now for those whom it did not
    /// watch, and whenever that changes. Those whom it did not watch are in `visible` if its user may see them, with
    /// the time at which they were last online if others may see that; others are left out.
    pub fn watch(
        &self,
        subscriber: &Subscriber,
        users: &[UserId],
        visible: &BTreeMap<UserId, Option<Millis>>,
    ) {
        let mut state = lock(&self.state);
        let Some(socket) = state.sockets.get(&subscriber.id) else { return };
        let known: BTreeSet<UserId> = socket.watches.iter().copied().collect();
        let is_watched = |user: &UserId| known.contains(user) || visible.contains_key(user);
        let watched: BTreeSet<UserId> = users.iter().copied().filter(is_watched).collect();
        state.unwatch(subscriber.id, known.difference(&watched).copied());
        subscriber.outbound.keep_presence(&watched);
        let mut people = Vec::new();
        for user_id in watched.difference(&known).copied() {
            state.watchers.entry(user_id).or_default().insert(subscriber.id);
            let now = state.availability(user_id);
            // What the others were told, even if it has changed since: the next tick tells all of them, or none if it
            // has changed back.
            let now = *state.presence.told.entry(user_id).or_insert(now);
            let seen = visible.get(&user_id).copied().flatten();
            let last_seen_at = seen.filter(|_| now == Availability::Offline);
            people.push(Presence { user_id, state: now, last_seen_at });
        }
        subscriber.outbound.push_presence(people);
        if let Some(socket) = state.sockets.get_mut(&subscriber.id) {
            socket.watches = watched.into_iter().collect();
        }
    }

    /// Tells those who watch a user when the user was last online.
    pub fn show_last_seen(&self, user_id: UserId, at: Millis) {
        let state = lock(&self.state);
        let now = state.availability(user_id);
        if now == Availability::Offline && state.presence.is_on() {
            state.push_presence(Presence { user_id, state: now, last_seen_at: Some(at) });
        }
    }
}
