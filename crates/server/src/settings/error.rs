//! What is wrong with settings.

use std::path::PathBuf;

/// Why settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// The file cannot be read or written.
    #[error("cannot read or write {path}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// A line of the file is invalid.
    #[error("{path}, line {line}: {why}")]
    Line {
        /// Which file.
        path: PathBuf,
        /// Which line, from 1.
        line: usize,
        /// What is wrong there.
        why: String,
    },
    /// A setting is invalid, wherever it was set.
    #[error("{key}: {why}")]
    Value {
        /// Which.
        key: &'static str,
        /// What is wrong with it.
        why: String,
    },
    /// A variable of the environment is invalid.
    #[error("the environment: {0}")]
    Environment(String),
    /// Neither a data folder nor a database is given.
    #[error(
        "say where everything is: --data DIR, or --database URL (better as PARLOUR_DATABASE, \
         where others do not see a password)"
    )]
    NoDatabase,
    /// The file was there when the server read it last, and is not any more.
    #[error("{0} is not there any more")]
    Gone(PathBuf),
    /// The file to create exists already.
    #[error("{0} already exists: edit it, or move it away first")]
    Exists(PathBuf),
}

impl SettingsError {
    /// A setting that makes no sense, and why.
    pub(super) fn value(key: &'static str, why: impl Into<String>) -> Self {
        Self::Value { key, why: why.into() }
    }
}
