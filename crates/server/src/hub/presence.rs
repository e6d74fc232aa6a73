//! What the hub knows about presence: who is online, according to the devices here and to the hints of other servers. It
//! is never stored.

use parlour_protocol::{Availability, UserId};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// What the hub knows about presence.
#[derive(Default)]
pub(super) struct PresenceState {
    /// Whether the operator's settings switch it off.
    pub said_off: bool,
    /// What an administrator chose instead.
    pub chosen: Option<bool>,
    /// The states of the users whose devices are connected to this server and count.
    pub own: BTreeMap<UserId, Availability>,
    /// The users whose devices here changed since the last tick.
    pub dirty: BTreeSet<UserId>,
    /// The watched users whose state may differ from what was told.
    pub changed: BTreeSet<UserId>,
    /// What those who watch a user were told last.
    pub told: HashMap<UserId, Availability>,
}

impl PresenceState {
    /// Returns whether the server has presence.
    pub fn is_on(&self) -> bool {
        self.chosen.unwrap_or(!self.said_off)
    }

    /// Returns the users who are online here, with their states.
    pub fn own(&self) -> impl Iterator<Item = (UserId, Availability)> {
        self.own.iter().map(|(user, state)| (*user, *state))
    }

    /// Notes that a user's devices changed.
    pub fn note_device(&mut self, user: UserId) {
        self.dirty.insert(user);
    }

    /// Forgets what was told about a user whom nobody watches any more.
    pub fn forget_told(&mut self, user: UserId) {
        self.told.remove(&user);
        self.changed.remove(&user);
    }
}
