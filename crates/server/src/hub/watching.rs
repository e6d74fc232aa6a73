//! Sends changes of presence to the sockets that watch a user. They are computed at each tick.

use super::hint::Hint;
use super::presence::PresenceState;
use super::registry::{Hub, Subscriber};
use super::state::State;
use crate::lock::lock;
use parlour_protocol::{Availability, Millis, Presence, UserId};
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::time::{Duration, Instant};

/// How long a device may send nothing, not even a pong, before it no longer counts as present: longer than two
/// heartbeats.
const SILENCE_TIMEOUT: Duration = Duration::from_secs(42);
/// How long a device may send nothing before its socket is closed.
const CLOSE_AFTER: Duration = Duration::from_secs(100);
/// The largest number of changes that one tick queues for sockets; further ones follow at the next.
const MAX_DELIVERIES: usize = 100_000;

/// Returns the state of a user from the states of their devices.
fn combine(states: impl Iterator<Item = Availability>) -> Availability {
    let rank = |state: &Availability| match state {
        Availability::Offline => 0,
        Availability::Away => 1,
        Availability::Online => 2,
        Availability::Busy => 3,
    };
    states.max_by_key(rank).unwrap_or(Availability::Offline)
}

impl State {
    /// Marks watched users whose state may have changed.
    pub(super) fn note_presence(&mut self, users: impl IntoIterator<Item = UserId>) {
        let watched = users.into_iter().filter(|user| self.watchers.contains_key(user));
        self.presence.changed.extend(watched);
    }

    /// Returns the state of a user that others may see.
    fn availability(&self, user: UserId) -> Availability {
        if !self.presence.is_on() {
            return Availability::Offline;
        }
        let local = self.presence.local.get(&user).copied();
        combine(local.into_iter().chain(self.peers.states(user)))
    }

    /// Runs the periodic work of a tick: updates the states and notifies the watchers.
    pub(super) fn update_presence(&mut self, now: Instant) {
        self.update_silent(now);
        for user in std::mem::take(&mut self.presence.dirty) {
            self.update_local_presence(user);
        }
        let mut remaining = MAX_DELIVERIES;
        while remaining > 0
            && let Some(user) = self.presence.changed.pop_first()
        {
            remaining = remaining.saturating_sub(self.notify_watchers(user));
        }
    }

    /// Updates which devices are silent, and closes the sockets of those that are for too long.
    fn update_silent(&mut self, now: Instant) {
        for socket in self.sockets.values_mut() {
            let has_received = socket.outbound.take_received();
            let last_received_at = *socket.last_received_at.get_or_insert(now);
            if has_received {
                socket.last_received_at = Some(now);
            }
            let silence = if has_received {
                Duration::ZERO
            } else {
                now.saturating_duration_since(last_received_at)
            };
            let is_silent = silence > SILENCE_TIMEOUT;
            if std::mem::replace(&mut socket.is_silent, is_silent) != is_silent {
                self.presence.dirty.insert(socket.outbound.user_id);
            }
            if silence > CLOSE_AFTER {
                socket.outbound.close_unresponsive();
            }
        }
    }

    /// Combines the states of a user's devices on this server, and notifies the other servers if the result changed.
    fn update_local_presence(&mut self, user: UserId) {
        let ids = self.sockets_by_user.get(&user).into_iter().flatten();
        let devices = ids.filter_map(|id| self.sockets.get(id));
        let states =
            devices.filter(|socket| !socket.is_silent).filter_map(|socket| socket.reported);
        let state = combine(states);
        let local = &mut self.presence.local;
        let before = match state {
            Availability::Offline => local.remove(&user),
            Availability::Online | Availability::Away | Availability::Busy => {
                local.insert(user, state)
            }
        };
        if before.unwrap_or(Availability::Offline) != state {
            self.send_hint(Hint::Presence(user, state));
            self.note_presence([user]);
        }
    }

    /// Notifies the watchers of a user if the state differs from the announced one. Returns the number of notified
    /// sockets.
    fn notify_watchers(&mut self, user_id: UserId) -> usize {
        let state = self.availability(user_id);
        let Some(watchers) = self.watchers.get(&user_id) else { return 0 };
        let count = watchers.len();
        if self.presence.announced.insert(user_id, state) == Some(state) {
            return 0;
        }
        self.push_presence(Presence { user_id, state, last_seen_at: None });
        if state == Availability::Offline && self.presence.is_on() {
            self.recheck.add_seen(user_id);
        }
        count
    }

    fn push_presence(&self, presence: Presence) {
        let watchers = self.watchers.get(&presence.user_id).into_iter().flatten();
        for socket in watchers.filter_map(|id| self.sockets.get(id)) {
            socket.outbound.push_presence([presence]);
        }
    }

    fn switch_presence(&mut self, switch: impl FnOnce(&mut PresenceState)) {
        let before = self.presence.is_on();
        switch(&mut self.presence);
        if self.presence.is_on() != before {
            self.presence.changed.extend(self.watchers.keys());
        }
    }
}

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
