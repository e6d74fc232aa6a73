//! The presence of users, as the devices on this server and the hints of other servers report it. It is never stored.

use parlour_protocol::{Availability, UserId};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// The presence of users, as far as it is known.
#[derive(Default)]
pub(super) struct PresenceState {
    /// Whether the operator's settings disable presence.
    pub disabled_by_settings: bool,
    /// The choice of an administrator, which overrides the settings.
    pub chosen_by_administrator: Option<bool>,
    /// The states of the users with devices on this server, without silent devices.
    pub local: BTreeMap<UserId, Availability>,
    /// The users whose devices here changed since the last tick.
    pub dirty: BTreeSet<UserId>,
    /// The watched users whose state may differ from the announced one.
    pub changed: BTreeSet<UserId>,
    /// The state of each watched user that was last sent to the watchers.
    pub announced: HashMap<UserId, Availability>,
}

impl PresenceState {
    /// Returns whether presence is enabled.
    pub fn is_on(&self) -> bool {
        self.chosen_by_administrator.unwrap_or(!self.disabled_by_settings)
    }

    /// Returns the users who are online here, with their states.
    pub fn local(&self) -> impl Iterator<Item = (UserId, Availability)> {
        self.local.iter().map(|(user, state)| (*user, *state))
    }

    /// Marks a user whose devices changed, to be handled at the next tick.
    pub fn mark_changed(&mut self, user: UserId) {
        self.dirty.insert(user);
    }

    /// Forgets the announced state of a user whom nobody watches any more.
    pub fn forget_announced(&mut self, user: UserId) {
        self.announced.remove(&user);
        self.changed.remove(&user);
    }
}
