//! What a check found.

use serde::{Deserialize, Serialize};

/// How bad something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Nothing is wrong.
    Ok,
    /// It works, and something is to be done.
    Warning,
    /// It does not work, or something is lost.
    Error,
}

impl State {
    /// The state as a word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// What is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Check {
    /// The settings make sense.
    Settings,
    /// The server answers, and nothing is left of one that was killed.
    Server,
    /// The data folder and the files in it are there.
    Folder,
    /// They are the server's alone.
    Permissions,
    /// The database is whole.
    Integrity,
    /// Its tables are those that this program knows.
    Schema,
    /// It is the one that the server left, and not an earlier one.
    History,
    /// The clock agrees with the times that the server used before.
    Clock,
    /// There is room to write.
    Disk,
    /// The certificate is good.
    Certificate,
    /// There is a backup, and a place for the next one.
    Backup,
    /// The token for the metrics is there.
    Metrics,
    /// The server can be reached at its own address.
    Address,
}

impl Check {
    /// The check as a word.
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
            Self::Certificate => "certificate",
            Self::Backup => "backup",
            Self::Metrics => "metrics",
            Self::Address => "address",
        }
    }
}

/// What a check found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    /// Which check.
    pub check: Check,
    /// How bad it is.
    pub state: State,
    /// What was found, in a sentence.
    pub found: String,
    /// What to do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to_do: Option<String>,
}

impl Finding {
    /// Nothing is wrong.
    pub fn ok(check: Check, found: impl Into<String>) -> Self {
        Self { check, state: State::Ok, found: found.into(), to_do: None }
    }

    /// Something is to be done.
    pub fn warning(check: Check, found: impl Into<String>, to_do: &str) -> Self {
        Self { check, state: State::Warning, found: found.into(), to_do: Some(to_do.into()) }
    }

    /// Something does not work.
    pub fn error(check: Check, found: impl Into<String>, to_do: &str) -> Self {
        Self { check, state: State::Error, found: found.into(), to_do: Some(to_do.into()) }
    }
}
