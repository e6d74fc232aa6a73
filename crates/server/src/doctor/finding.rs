//! The findings of checks.

use serde::{Deserialize, Serialize};

/// The severity of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Nothing is wrong.
    Ok,
    /// It works, but needs attention.
    Warning,
    /// It does not work, or something was lost.
    Error,
}

impl State {
    /// Returns the name of the state.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// A check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Check {
    /// The settings are valid.
    Settings,
    /// The server answers, and no remains of a killed one are in the way.
    Server,
    /// The data folder exists, with the files that belong into it.
    Folder,
    /// Only the server's user has access to them.
    Permissions,
    /// The database is not damaged.
    Integrity,
    /// The schema is one that this program knows.
    Schema,
    /// The database is the one that the server left, and not an earlier copy.
    History,
    /// The clock agrees with the times that the server used before.
    Clock,
    /// There is free space.
    Disk,
    /// The contents of the messages' files are where they should be.
    Files,
    /// The certificate is valid.
    Certificate,
    /// There is a recent backup, and the next one can be written.
    Backup,
    /// The token for the metrics exists.
    Metrics,
    /// The server can be reached at its own address.
    Address,
}

impl Check {
    /// Returns the name of the check.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Settings => "settings",
            Self::Server => "server",
            Self::Folder => "folder",
            Self::Permissions => "permissions",
            Self::Integrity => "integrity",
            Self::Schema => "schema",
            Self::History => "history",
            Self::Clock => "clock",
            Self::Disk => "disk",
            Self::Files => "files",
            Self::Certificate => "certificate",
            Self::Backup => "backup",
            Self::Metrics => "metrics",
            Self::Address => "address",
        }
    }
}

/// The finding of a check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    /// The check.
    pub check: Check,
    /// The severity.
    pub state: State,
    /// What was found, as a sentence.
    pub found: String,
    /// The advice; `None` if nothing needs to be done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to_do: Option<String>,
}

impl Finding {
    /// Creates the finding that nothing is wrong.
    pub fn ok(check: Check, found: impl Into<String>) -> Self {
        Self { check, state: State::Ok, found: found.into(), to_do: None }
    }

    /// Creates a warning.
    pub fn warning(check: Check, found: impl Into<String>, to_do: &str) -> Self {
        Self { check, state: State::Warning, found: found.into(), to_do: Some(to_do.into()) }
    }

    /// Creates an error.
    pub fn error(check: Check, found: impl Into<String>, to_do: &str) -> Self {
        Self { check, state: State::Error, found: found.into(), to_do: Some(to_do.into()) }
    }
}
