//! What an import did, and why it stopped.

use crate::db::DbError;
use crate::error::ApiError;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// What an import did.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// Messages that were not there before.
    pub added: u64,
    /// Messages that were.
    pub known: u64,
    /// Joins, leaves and renames, which are not messages.
    pub notices: u64,
    /// Files read.
    pub files: u64,
    /// Files that were imported before and have not changed.
    pub unchanged: u64,
    /// What was left out or altered: each reason with how often, and its first places.
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

/// Why an import stopped. What was committed before stays, and a second run goes on from there.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// A file or folder could not be read.
    #[error("reading {path}")]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// There is nothing like a log there.
    #[error("{0} holds no channel: expected CHANNEL/YYYY/YYYY-MM-DD below it")]
    Empty(PathBuf),
    /// The database refused.
    #[error("{}", .0.message)]
    Store(ApiError),
}

impl From<DbError> for ImportError {
    fn from(error: DbError) -> Self {
        Self::Store(error.into())
    }
}
