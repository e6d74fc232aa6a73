//! Whether users are online, as their devices here and the other servers say it, and the delivery of what changed to the
//! sockets that watch them.

use super::hint::Hint;
use super::presence::PresenceState;
use super::state::{State, TICK};
use parlour_protocol::periods::HEARTBEAT_MS;
use parlour_protocol::{Availability, Presence, UserId};
use std::time::{Duration, Instant};

const HEARTBEAT: Duration = Duration::from_millis(HEARTBEAT_MS.unsigned_abs());
/// How long a device may send nothing, not even an answer to the ping of a heartbeat, before it does not count any more.
const SILENCE: Duration = HEARTBEAT.saturating_mul(2).saturating_add(TICK);
/// How long until its socket is closed.
const CUT: Duration = HEARTBEAT.saturating_mul(5);
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
    pub(super) fn availability(&self, user: UserId) -> Availability {
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
