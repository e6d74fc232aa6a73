//! The result of an import, and the errors that stop one.

use crate::db::DbError;
use crate::error::ApiError;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// The result of an import.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// The number of new messages.
    pub added: u64,
    /// The number of messages that were imported before.
    pub known: u64,
    /// The number of joins, leaves and renames, which are not messages.
    pub notices: u64,
    /// The number of files read.
    pub files: u64,
    /// The number of files that were imported before and have not changed.
    pub unchanged: u64,
    /// What was left out or altered, by reason: how often, and the first few places.
    pub odd: BTreeMap<String, (u64, Vec<String>)>,
}

impl Report {
    /// Notes that something was left out or altered, and where.
    pub(super) fn note(&mut self, why: &str, at: String) {
        let (count, places) = self.odd.entry(why.into()).or_default();
        *count += 1;
        if places.len() < 5 {
            places.push(at);
        }
    }
}

/// The reason why an import stopped. What was committed before stays, and a second run continues from
/// there.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// A file or folder could not be read.
    #[error("reading {path}")]
    Read {
        /// The path of the file or folder.
        path: PathBuf,
        /// The error of the operating system.
        #[source]
        source: std::io::Error,
    },
    /// The folder contains no log.
    #[error("{0} contains no channel: expected CHANNEL/YYYY/YYYY-MM-DD below it")]
    Empty(PathBuf),
    /// The database failed, or the import was refused.
    #[error("{}", .0.message)]
    Store(ApiError),
}

impl From<DbError> for ImportError {
    fn from(error: DbError) -> Self {
        Self::Store(error.into())
    }
}
