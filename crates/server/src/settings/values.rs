//! The settings by their names, to combine several sources.

use super::keys::Settings;
use clap::{Args, Command};
use serde_json::{Map, Value};

/// The values of the settings that are set, by key.
pub type Values = Map<String, Value>;

/// Returns [`Settings`] as clap's arguments, from which the keys and their descriptions are read.
pub(super) fn arguments() -> Command {
    Settings::augment_args(Command::new("settings"))
}

/// Returns every key.
pub(crate) fn keys() -> Vec<String> {
    arguments().get_arguments().map(|argument| argument.get_id().to_string()).collect()
}

impl Settings {
    /// Returns the values that are set, by key.
    pub fn values(&self) -> Values {
        let Ok(Value::Object(values)) = serde_json::to_value(self) else {
            unreachable!("settings are plain data");
        };
        values.into_iter().filter(|(_, value)| !value.is_null()).collect()
    }

    /// Creates settings from these values.
    ///
    /// # Panics
    /// Panics if the values are not [`Settings::values`] of some settings, or a combination of several.
    pub fn from_values(values: Values) -> Self {
        serde_json::from_value(Value::Object(values)).expect("values of settings")
    }

    /// Returns these settings, with those of `below` where nothing is set.
    pub fn or_else(&self, fallback: &Self) -> Self {
        let mut values = fallback.values();
        values.extend(self.values());
        Self::from_values(values)
    }

    /// Returns the settings in the environment.
    ///
    /// # Errors
    /// Fails if a variable is invalid.
    pub fn from_environment() -> Result<Self, clap::Error> {
        let matches = arguments().no_binary_name(true).try_get_matches_from([""; 0])?;
        clap::FromArgMatches::from_arg_matches(&matches)
    }
}
