//! Settings that are read anew while the server runs.

use super::keys::Settings;

/// What a running server takes up. The others are about what it has opened, or has counted in already.
const TAKEN: [&str; 10] = [
    "name",
    "public_url",
    "registration",
    "session_idle_days",
    "session_max_days",
    "requests_per_second",
    "mib_per_day",
    "max_sockets_per_session",
    "max_sockets_per_account",
    "log",
];

/// What comes of settings that were read anew.
pub struct Reload {
    /// What holds from here on.
    pub settings: Settings,
    /// The keys of what changed.
    pub taken: Vec<String>,
    /// The keys of what is said otherwise now, and needs a restart.
    pub left: Vec<String>,
}

impl Settings {
    /// What comes of settings that are said anew while these hold.
    pub fn reload(&self, said: &Self) -> Reload {
        let (mut now, said) = (self.values(), said.values());
        let keys =
            now.keys().chain(said.keys()).cloned().collect::<std::collections::BTreeSet<_>>();
        let changed = keys.into_iter().filter(|key| now.get(key) != said.get(key));
        let (taken, left): (Vec<String>, Vec<String>) =
            changed.partition(|key| TAKEN.contains(&key.as_str()));
        for key in &taken {
            match said.get(key) {
                Some(value) => now.insert(key.clone(), value.clone()),
                None => now.remove(key),
            };
        }
        Reload { settings: Self::with(now), taken, left }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::values::keys;

    #[test]
    fn what_can_change_does_and_what_cannot_is_told_each_time() {
        assert!(TAKEN.iter().all(|key| keys().iter().any(|known| known == key)));
        let was = Settings {
            mib_per_day: Some(1),
            public_url: Some("https://a".into()),
            ..Settings::default()
        };
        let said = Settings { mib_per_day: Some(2), trust_proxy: Some(1), ..Settings::default() };
        let reload = was.reload(&said);
        assert_eq!(reload.taken, ["mib_per_day", "public_url"]);
        assert_eq!(reload.left, ["trust_proxy"]);
        assert!(reload.settings == Settings { mib_per_day: Some(2), ..Settings::default() });
        let again = reload.settings.reload(&said);
        assert!(again.taken.is_empty());
        assert_eq!(again.left, ["trust_proxy"]);
    }
}
