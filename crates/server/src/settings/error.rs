//! What is wrong with settings.

use std::path::PathBuf;

/// Why settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// The file cannot be read or written.
    #[error("the file {path}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// Something in the file makes no sense.
    #[error("{path}, line {line}: {why}")]
    Line {
        /// Which file.
        path: PathBuf,
        /// Which line, from 1.
        line: usize,
        /// What is wrong there.
        why: String,
    },
    /// A setting makes no sense, wherever it was said.
    #[error("{key}: {why}")]
    Value {
        /// Which.
        key: &'static str,
        /// What is wrong with it.
        why: String,
    },
    /// The environment says something that makes no sense.
    #[error("the environment: {0}")]
    Environment(String),
    /// Nobody said where everything is.
    #[error(
        "say where everything is: --data DIR, or --database URL (better as PARLOUR_DATABASE, \
         where others do not see a password)"
    )]
    Nowhere,
    /// There is a file in the place of a new one.
    #[error("{0} is there already: edit it, or take it away first")]
    Exists(PathBuf),
}

impl SettingsError {
    /// A setting that makes no sense, and why.
    pub(super) fn value(key: &'static str, why: impl Into<String>) -> Self {
        Self::Value { key, why: why.into() }
    }
}
