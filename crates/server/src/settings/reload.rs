//! Settings that are read again while the server runs.

use super::keys::Settings;

/// The settings that a running server can apply. The others concern what it has already opened, or limits that are
/// already in use.
const RELOADABLE: [&str; 11] = [
    "name",
    "public_url",
    "registration",
    "presence",
    "session_idle_days",
    "session_max_days",
    "requests_per_second",
    "mib_per_day",
    "max_sockets_per_session",
    "max_sockets_per_account",
    "log",
];

/// The result of reading the settings again.
pub struct Reload {
    /// The settings that are in effect from now on.
    pub settings: Settings,
    /// The keys of the settings that changed.
    pub applied: Vec<String>,
    /// The keys of the settings that differ now but need a restart.
    pub need_restart: Vec<String>,
}

impl Settings {
    /// Combines the settings that are in effect with those that were read again.
    pub fn reload(&self, new: &Self) -> Reload {
        let (mut current, new) = (self.values(), new.values());
        let keys =
            current.keys().chain(new.keys()).cloned().collect::<std::collections::BTreeSet<_>>();
        let changed = keys.into_iter().filter(|key| current.get(key) != new.get(key));
        let (applied, need_restart): (Vec<String>, Vec<String>) =
            changed.partition(|key| RELOADABLE.contains(&key.as_str()));
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
        assert!(RELOADABLE.iter().all(|key| keys().iter().any(|known| known == key)));
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
