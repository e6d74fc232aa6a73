//! Whether users are online, from the states of their devices on this server and the reports of the other servers, and
//! the delivery of changes to the sockets that watch them.

use super::hint::Hint;
use super::presence::PresenceState;
use super::state::{State, TICK};
use parlour_protocol::periods::HEARTBEAT_MS;
use parlour_protocol::{Availability, Presence, UserId};
use std::time::{Duration, Instant};

const HEARTBEAT: Duration = Duration::from_millis(HEARTBEAT_MS.unsigned_abs());
/// How long a device may send nothing, not even a pong, before it no longer counts as present.
const SILENCE_TIMEOUT: Duration = HEARTBEAT.saturating_mul(2).saturating_add(TICK);
/// How long a device may send nothing before its socket is closed.
const CLOSE_AFTER: Duration = HEARTBEAT.saturating_mul(5);
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
    pub(super) fn record_presence(&mut self, users: impl IntoIterator<Item = UserId>) {
        let watched = users.into_iter().filter(|user| self.watchers.contains_key(user));
        self.presence.changed.extend(watched);
    }

    /// Returns the state of a user that others may see.
    pub(super) fn availability(&self, user: UserId) -> Availability {
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
            self.record_presence([user]);
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
            self.lookups.add_last_seen(user_id);
        }
        count
    }

    pub(super) fn push_presence(&self, presence: Presence) {
        let watchers = self.watchers.get(&presence.user_id).into_iter().flatten();
        for socket in watchers.filter_map(|id| self.sockets.get(id)) {
            socket.outbound.push_presence([presence]);
        }
    }

    pub(super) fn switch_presence(&mut self, switch: impl FnOnce(&mut PresenceState)) {
        let before = self.presence.is_on();
        switch(&mut self.presence);
        if self.presence.is_on() != before {
            self.presence.changed.extend(self.watchers.keys());
        }
    }
}
