//! Sends changes of presence to the sockets that watch a user. They are computed at each tick.

use super::registry::{Hub, Subscriber};
use crate::lock::lock;
use parlour_protocol::{Availability, Millis, Presence, UserId};
use std::collections::{BTreeMap, BTreeSet, HashSet};

impl Hub {
    /// Sets whether the operator's settings enable presence.
    pub fn set_presence(&self, is_on: bool) {
        lock(&self.state).switch_presence(|presence| presence.disabled_by_settings = !is_on);
    }

    /// Sets the choice of an administrator, which overrides the operator's settings.
    pub fn set_chosen_presence(&self, chosen: Option<bool>) {
        lock(&self.state).switch_presence(|presence| presence.chosen_by_administrator = chosen);
    }

    /// Returns whether the server has presence and statuses.
    pub fn has_presence(&self) -> bool {
        lock(&self.state).presence.is_on()
    }

    /// Sets the availability that a device reports of its user. It takes effect at the next tick.
    pub fn report_presence(&self, subscriber: &Subscriber, reported: Availability) {
        let mut state = lock(&self.state);
        if let Some(socket) = state.sockets.get_mut(&subscriber.id) {
            socket.reported = Some(reported);
            state.presence.mark_changed(subscriber.outbound.user_id);
        }
    }

    /// Returns the users among these whom a socket does not watch yet.
    pub fn not_watched(&self, subscriber: &Subscriber, users: &[UserId]) -> Vec<UserId> {
        let state = lock(&self.state);
        let Some(socket) = state.sockets.get(&subscriber.id) else { return Vec::new() };
        let known: HashSet<&UserId> = socket.watches.iter().collect();
        users.iter().filter(|user| !known.contains(user)).copied().collect()
    }

    /// Makes a socket watch exactly these users: sends it the state of those whom it did not watch before, and every
    /// change from now on. `visible` contains the newly watched users whom the socket's user may see, with the time
    /// at which they were last online if others may see that; users who are in neither set are ignored.
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
        subscriber.outbound.retain_presence(&watched);
        let mut people = Vec::new();
        for user_id in watched.difference(&known).copied() {
            state.watchers.entry(user_id).or_default().insert(subscriber.id);
            let now = state.availability(user_id);
            // The announced state, even if it has changed since: the next tick notifies all watchers, or none if it
            // has changed back.
            let now = *state.presence.announced.entry(user_id).or_insert(now);
            let seen = visible.get(&user_id).copied().flatten();
            let last_seen_at = seen.filter(|_| now == Availability::Offline);
            people.push(Presence { user_id, state: now, last_seen_at });
        }
        subscriber.outbound.push_presence(people);
        if let Some(socket) = state.sockets.get_mut(&subscriber.id) {
            socket.watches = watched.into_iter().collect();
        }
    }

    /// Notifies the watchers of a user of when the user was last online.
    pub fn show_last_seen(&self, user_id: UserId, at: Millis) {
        let state = lock(&self.state);
        let now = state.availability(user_id);
        if now == Availability::Offline && state.presence.is_on() {
            state.push_presence(Presence { user_id, state: now, last_seen_at: Some(at) });
        }
    }
}
