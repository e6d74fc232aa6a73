//! The configuration of commands that take no settings as flags.

use crate::cli::Storage;
use crate::failure::{Failure, Result};
use parlour_server::settings::{Settings, SettingsError};
use parlour_server::{Config, DatabaseAddress};
use std::path::{Path, PathBuf};

/// Returns the configuration, from the environment and the data folder's parlour.toml.
pub fn config(storage: Storage) -> Result<Config> {
    let (json, folder) = (storage.folder.json, storage.folder.data.as_deref());
    let resolved = || {
        let environment = Settings::from_environment()
            .map_err(|error| SettingsError::Environment(first_line(&error.to_string())))?;
        // A policy has to be set before the command that it applies to.
        let environment = Settings { export_private: None, ..environment };
        let arguments = Settings { database: storage.database, ..Settings::default() };
        arguments.or_else(&environment).resolve(folder)?.config(folder)
    };
    resolved().map_err(Failure::with_format(json))
}

/// Returns the folder of a running server, according to the command line and the environment.
pub fn folder(storage: &Storage) -> Option<PathBuf> {
    let database = storage.database.as_ref().and_then(|text| text.parse::<DatabaseAddress>().ok());
    let database_folder = database.as_ref().and_then(DatabaseAddress::folder);
    database_folder.map(Path::to_owned).or_else(|| storage.folder.data.clone())
}

/// Returns the first line of an error, without the usage text.
fn first_line(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    line.strip_prefix("error: ").unwrap_or(line).to_owned()
}
