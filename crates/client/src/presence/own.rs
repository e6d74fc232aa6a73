//! The user's own presence, which this device sends to the server.

use crate::error::Result;
use crate::notify::Preferences;
use jiff::tz::TimeZone;
use parlour_protocol::{Availability, Millis};
use parlour_store::{SettingKey, Store};

/// The settings that determine the presence, and the presence that was last sent over this socket.
#[derive(Debug, Default)]
pub(crate) struct OwnPresence {
    /// `None` before they are read, and after they changed.
    settings: Option<PresenceSettings>,
    last_sent: Option<Availability>,
}

#[derive(Debug)]
struct PresenceSettings {
    is_shared: bool,
    preferences: Preferences,
}

impl OwnPresence {
    /// Marks the settings as changed.
    pub fn settings_changed(&mut self) {
        self.settings = None;
    }

    /// Starts a new socket, over which nothing was sent yet.
    pub fn reset(&mut self) {
        self.last_sent = None;
    }

    /// Returns whether the settings have to be read.
    pub fn is_stale(&self) -> bool {
        self.settings.is_none()
    }

    /// Reads the settings.
    ///
    /// # Errors
    /// Fails if a file cannot be read.
    pub fn read(&mut self, store: &Store) -> Result<()> {
        self.settings = Some(PresenceSettings::read(store)?);
        Ok(())
    }

    /// Returns the presence to send now, if it differs from the last one; `None` before the settings are read.
    pub fn next(&mut self, now: Millis, is_idle: bool) -> Option<Availability> {
        let state = self.settings.as_ref()?.state(now, is_idle);
        let before = self.last_sent.replace(state);
        (before != Some(state)).then_some(state)
    }
}

impl PresenceSettings {
    fn read(store: &Store) -> Result<Self> {
        let is_shared = store.setting(SettingKey::SharesPresence, None)? != "no";
        Ok(Self { is_shared, preferences: Preferences::read(store, &TimeZone::system())? })
    }

    /// Returns the presence: offline if it is not shared, and busy while notifications are paused or it is quiet hours.
    fn state(&self, now: Millis, is_idle: bool) -> Availability {
        if !self.is_shared {
            Availability::Offline
        } else if self.preferences.is_quiet(now) {
            Availability::Busy
        } else if is_idle {
            Availability::Away
        } else {
            Availability::Online
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pause_of_notifications_means_busy_and_unshared_presence_means_offline() {
        let preferences = Preferences { paused_until: Millis(100), ..Preferences::default() };
        let mut settings = PresenceSettings { is_shared: true, preferences };
        for (now, is_idle, state) in [
            (99, false, Availability::Busy),
            (99, true, Availability::Busy),
            (100, false, Availability::Online),
            (100, true, Availability::Away),
        ] {
            assert_eq!(settings.state(Millis(now), is_idle), state, "{now} {is_idle}");
        }
        settings.is_shared = false;
        assert_eq!(settings.state(Millis(99), false), Availability::Offline);
    }
}
