//! The errors of settings.

use std::path::PathBuf;

/// The reason why settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// The file cannot be read or written.
    #[error("cannot read or write {path}")]
    File {
        /// The file.
        path: PathBuf,
        /// The cause.
        #[source]
        source: std::io::Error,
    },
    /// A line of the file is invalid.
    #[error("{path}, line {line}: {reason}")]
    Line {
        /// The file.
        path: PathBuf,
        /// The line's number, from 1.
        line: usize,
        /// What is wrong in it.
        reason: String,
    },
    /// A setting is invalid, in whichever way it was set.
    #[error("{key}: {reason}")]
    Value {
        /// The setting.
        key: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// An environment variable is invalid.
    #[error("the environment: {0}")]
    Environment(String),
    /// Neither a data folder nor a database is given.
    #[error(
        "specify --data DIR, or --database URL (better as PARLOUR_DATABASE, which does not show a password to other \
         users)"
    )]
    NoDatabase,
    /// The file existed when the server last read it, but no longer does.
    #[error("{0} does not exist any more")]
    Removed(PathBuf),
    /// The file to create exists already.
    #[error("{0} already exists: edit it, or move it away first")]
    Exists(PathBuf),
}

impl SettingsError {
    /// Creates the error of an invalid setting.
    pub(super) fn value(key: &'static str, reason: impl Into<String>) -> Self {
        Self::Value { key, reason: reason.into() }
    }
}
