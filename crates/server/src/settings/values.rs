//! The settings by their names: which one is said where, and what holds where several are.

use super::keys::Settings;
use clap::{Args, Command};
use serde_json::{Map, Value};

/// What was said, by key.
pub type Values = Map<String, Value>;

/// What [`Settings`] is while it is looked at as command line arguments: each key, and what explains it.
pub(super) fn arguments() -> Command {
    Settings::augment_args(Command::new("settings"))
}

/// Every key.
pub(super) fn keys() -> Vec<String> {
    arguments().get_arguments().map(|argument| argument.get_id().to_string()).collect()
}

impl Settings {
    /// What was said, by key; nothing of what was not.
    pub fn values(&self) -> Values {
        let Ok(Value::Object(all)) = serde_json::to_value(self) else {
            unreachable!("settings are plain data");
        };
        all.into_iter().filter(|(_, value)| !value.is_null()).collect()
    }

    /// Settings with these values.
    ///
    /// # Panics
    /// The values are not [`Settings::values`] of some settings, or of several.
    pub fn from_values(values: Values) -> Self {
        serde_json::from_value(Value::Object(values)).expect("values of settings")
    }

    /// What is said here, and below where nothing is said here.
    pub fn or_else(&self, fallback: &Self) -> Self {
        let mut all = fallback.values();
        all.extend(self.values());
        Self::from_values(all)
    }

    /// What the environment says.
    ///
    /// # Errors
    /// Something that makes no sense.
    pub fn from_environment() -> Result<Self, clap::Error> {
        let matches = arguments().no_binary_name(true).try_get_matches_from([""; 0])?;
        clap::FromArgMatches::from_arg_matches(&matches)
    }
}
