//! Who watches whose presence. It changes at a tick, and is sent to those sockets that watch the user.

use super::hint::Hint;
use super::presence::PresenceState;
use super::registry::{Hub, Subscriber};
use super::state::State;
use crate::lock::lock;
use parlour_protocol::{Availability, Millis, Presence, UserId};
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::time::{Duration, Instant};

/// How long a device may send nothing, not even an answer to a ping, before it does not count any more: longer than
/// two heartbeats.
const SILENCE: Duration = Duration::from_secs(42);
/// How long until its socket is closed.
const CUT: Duration = Duration::from_secs(100);
/// The largest number of changes that are queued for sockets at one tick; further ones follow at the next.
const DELIVERIES: usize = 100_000;

/// Returns the state of a user with these devices.
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
    /// Notes that other servers said something about users.
    pub(super) fn note_presence(&mut self, users: impl IntoIterator<Item = UserId>) {
        let watched = users.into_iter().filter(|user| self.watchers.contains_key(user));
        self.presence.changed.extend(watched);
    }

    /// Returns the state of a user as others are told.
    fn availability(&self, user: UserId) -> Availability {
        if !self.presence.is_on() {
            return Availability::Offline;
        }
        let own = self.presence.own.get(&user).copied();
        combine(own.into_iter().chain(self.peers.states(user)))
    }

    /// Does what is due at a tick.
    pub(super) fn settle_presence(&mut self, now: Instant) {
        self.find_silent(now);
        for user in std::mem::take(&mut self.presence.dirty) {
            self.settle_own(user);
        }
        let mut left = DELIVERIES;
        while left > 0
            && let Some(user) = self.presence.changed.pop_first()
        {
            left = left.saturating_sub(self.tell_watchers(user));
        }
    }

    /// Finds the devices that are silent, and those that are not any more.
    fn find_silent(&mut self, now: Instant) {
        for socket in self.sockets.values_mut() {
            let heard = socket.outbound.take_heard();
            let heard_at = *socket.heard_at.get_or_insert(now);
            if heard {
                socket.heard_at = Some(now);
            }
            let silence =
                if heard { Duration::ZERO } else { now.saturating_duration_since(heard_at) };
            let is_silent = silence > SILENCE;
            if std::mem::replace(&mut socket.is_silent, is_silent) != is_silent {
                self.presence.dirty.insert(socket.outbound.user_id);
            }
            if silence > CUT {
                socket.outbound.cut();
            }
        }
    }

    /// Combines what a user's devices here say, and tells the other servers if that changed.
    fn settle_own(&mut self, user: UserId) {
        let ids = self.of_user.get(&user).into_iter().flatten();
        let devices = ids.filter_map(|id| self.sockets.get(id));
        let states = devices.filter(|socket| !socket.is_silent).filter_map(|socket| socket.said);
        let state = combine(states);
        let own = &mut self.presence.own;
        let before = match state {
            Availability::Offline => own.remove(&user),
            Availability::Online | Availability::Away | Availability::Busy => {
                own.insert(user, state)
            }
        };
        if before.unwrap_or(Availability::Offline) != state {
            self.send_hint(Hint::Presence(user, state));
            self.note_presence([user]);
        }
    }

    /// Tells those who watch a user, if the state differs from what they were told. Returns how many they are.
    fn tell_watchers(&mut self, user_id: UserId) -> usize {
        let state = self.availability(user_id);
        let Some(watchers) = self.watchers.get(&user_id) else { return 0 };
        let many = watchers.len();
        if self.presence.told.insert(user_id, state) == Some(state) {
            return 0;
        }
        self.push_presence(Presence { user_id, state, last_seen_at: None });
        if state == Availability::Offline && self.presence.is_on() {
            self.recheck.add_seen(user_id);
        }
        many
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
