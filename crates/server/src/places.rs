//! The configuration of commands that take no settings as flags.

use crate::cli::Storage;
use crate::failure::{Failure, Result};
use parlour_server::Config;
use parlour_server::settings::{Settings, SettingsError};

/// Returns the configuration, from the environment and the data folder's parlour.toml.
pub fn config(storage: Storage) -> Result<Config> {
    let (json, folder) = (storage.folder.json, storage.folder.data.as_deref());
    let found = || {
        let environment = Settings::from_environment()
            .map_err(|error| SettingsError::Environment(first_line(&error.to_string())))?;
        let said = Settings { database: storage.database, ..Settings::default() };
        said.over(&environment).resolve(folder)?.config(folder)
    };
    found().map_err(Failure::of(json))
}

/// Returns the first line of an error, without the usage text.
fn first_line(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    line.strip_prefix("error: ").unwrap_or(line).to_owned()
}
