//! What this device says of its user.

use crate::error::Result;
use crate::notify::Preferences;
use jiff::tz::TimeZone;
use parlour_protocol::{Availability, Millis};
use parlour_store::{SettingKey, Store};

/// The choices from which follows what is said, and what was said last over this socket.
#[derive(Debug, Default)]
pub(crate) struct Saying {
    /// `None` until the choices are read, and once they changed.
    choices: Option<Choices>,
    said: Option<Availability>,
}

#[derive(Debug)]
struct Choices {
    tells: bool,
    preferences: Preferences,
}

impl Saying {
    /// Notes that choices changed.
    pub fn choices_changed(&mut self) {
        self.choices = None;
    }

    /// Notes that nothing was said yet over a new socket.
    pub fn begin(&mut self) {
        self.said = None;
    }

    /// Returns whether the choices have to be read.
    pub fn is_stale(&self) -> bool {
        self.choices.is_none()
    }

    /// Reads the choices.
    ///
    /// # Errors
    /// Fails if a file cannot be read.
    pub fn read(&mut self, store: &Store) -> Result<()> {
        self.choices = Some(Choices::read(store)?);
        Ok(())
    }

    /// Returns what is to be said now, if that differs from what was said last; nothing before the choices are read.
    pub fn next(&mut self, now: Millis, is_idle: bool) -> Option<Availability> {
        let state = self.choices.as_ref()?.state(now, is_idle);
        let before = self.said.replace(state);
        (before != Some(state)).then_some(state)
    }
}

impl Choices {
    fn read(store: &Store) -> Result<Self> {
        let tells = store.setting(SettingKey::TellsPresence, None)? != "no";
        Ok(Self { tells, preferences: Preferences::read(store, &TimeZone::system())? })
    }

    /// Nobody is told anything by somebody who does not want to tell. Who is not to be disturbed follows from what
    /// alerts at the moment, and from nothing else.
    fn state(&self, now: Millis, is_idle: bool) -> Availability {
        if !self.tells {
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
    fn a_pause_of_notifications_says_not_to_disturb_until_it_ends_and_a_switch_says_nothing() {
        let preferences = Preferences { paused_until: Millis(100), ..Preferences::default() };
        let mut choices = Choices { tells: true, preferences };
        for (now, is_idle, state) in [
            (99, false, Availability::Busy),
            (99, true, Availability::Busy),
            (100, false, Availability::Online),
            (100, true, Availability::Away),
        ] {
            assert_eq!(choices.state(Millis(now), is_idle), state, "{now} {is_idle}");
        }
        choices.tells = false;
        assert_eq!(choices.state(Millis(99), false), Availability::Offline);
    }
}
