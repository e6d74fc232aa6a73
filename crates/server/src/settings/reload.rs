//! Settings that are read again while the server runs.

use super::keys::Settings;
use std::collections::BTreeSet;

/// A part of a running server that applies new settings without a restart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ReloadablePart {
    /// What the server reports about itself.
    Description,
    /// Who may register, and the lifetime of sessions.
    SignIn,
    /// Whether people see who is online, and each other's statuses.
    Presence,
    /// The number of requests per second.
    Requests,
    /// The number of bytes per day.
    Quota,
    /// The number of sockets.
    Sockets,
    /// The level of the log, which belongs to the process and not to the server.
    Log,
}

/// The settings that a running server can apply, and the part that applies each. The others concern what it has already
/// opened, or limits that are already in use.
const RELOADABLE: [(&str, ReloadablePart); 11] = [
    ("name", ReloadablePart::Description),
    ("public_url", ReloadablePart::Description),
    ("registration", ReloadablePart::SignIn),
    ("presence", ReloadablePart::Presence),
    ("session_idle_days", ReloadablePart::SignIn),
    ("session_max_days", ReloadablePart::SignIn),
    ("requests_per_second", ReloadablePart::Requests),
    ("mib_per_day", ReloadablePart::Quota),
    ("max_sockets_per_session", ReloadablePart::Sockets),
    ("max_sockets_per_account", ReloadablePart::Sockets),
    ("log", ReloadablePart::Log),
];

fn part(key: &str) -> Option<ReloadablePart> {
    RELOADABLE.iter().find(|(known, _)| *known == key).map(|(_, part)| *part)
}

/// The result of reading the settings again.
pub struct Reload {
    /// The settings that are in effect from now on.
    pub settings: Settings,
    /// The keys of the settings that changed.
    pub applied: Vec<String>,
    /// The keys of the settings that differ now but need a restart.
    pub need_restart: Vec<String>,
}

impl Reload {
    /// Returns the parts of the server that have to apply the new settings, each once.
    pub fn parts(&self) -> BTreeSet<ReloadablePart> {
        self.applied.iter().filter_map(|key| part(key)).collect()
    }
}

impl Settings {
    /// Combines the settings that are in effect with those that were read again.
    pub fn reload(&self, new: &Self) -> Reload {
        let (mut current, new) = (self.values(), new.values());
        let keys = current.keys().chain(new.keys()).cloned().collect::<BTreeSet<_>>();
        let changed = keys.into_iter().filter(|key| current.get(key) != new.get(key));
        let (applied, need_restart): (Vec<String>, Vec<String>) =
            changed.partition(|key| part(key).is_some());
        for key in &applied {
            match new.get(key) {
                Some(value) => current.insert(key.clone(), value.clone()),
                None => current.remove(key),
            };
        }
        Reload { settings: Self::from_values(current), applied, need_restart }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::values::keys;

    #[test]
    fn reloadable_settings_are_applied_and_others_are_reported_each_time() {
        assert!(RELOADABLE.iter().all(|(key, _)| keys().iter().any(|known| known == key)));
        let previous = Settings {
            mib_per_day: Some(1),
            public_url: Some("https://a".into()),
            ..Settings::default()
        };
        let changed_settings =
            Settings { mib_per_day: Some(2), trust_proxy: Some(1), ..Settings::default() };
        let reload = previous.reload(&changed_settings);
        assert_eq!(reload.applied, ["mib_per_day", "public_url"]);
        assert_eq!(reload.need_restart, ["trust_proxy"]);
        assert!(reload.settings == Settings { mib_per_day: Some(2), ..Settings::default() });
        let again = reload.settings.reload(&changed_settings);
        assert!(again.applied.is_empty());
        assert_eq!(again.need_restart, ["trust_proxy"]);
    }
}
