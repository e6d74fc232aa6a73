//! Where everything is, and what is said of it elsewhere than on the command line.

use crate::cli::Storage;
use crate::failure::{Failure, Result};
use parlour_server::Config;
use parlour_server::settings::{Settings, SettingsError};

/// What a command needs to know that says nothing but where everything is: the rest is in the environment and in the
/// data folder's file.
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

/// What is wrong, without how the command line is used.
fn first_line(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    line.strip_prefix("error: ").unwrap_or(line).to_owned()
}
