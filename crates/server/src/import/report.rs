//! The report of an import, and the errors that stop one.

use super::format::Format;
use super::records::StopReason;
use crate::db::DbError;
use crate::error::ApiError;
use parlour_protocol::Millis;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Maximum number of locations that are listed for each reason.
const MAX_LISTED_LOCATIONS: usize = 5;

/// The report of an import, or of a dry run.
#[derive(Debug, Default, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// The format of the export.
    pub format: Option<Format>,
    /// Whether it was a dry run.
    pub dry_run: bool,
    /// The number under which it can be undone; `None` for a dry run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<i64>,
    /// Number of people, including those who only wrote something.
    pub people: u64,
    /// Number of them whom the export lists.
    pub people_listed: u64,
    /// Number of bots among them.
    pub bots: u64,
    /// Number of them who were mapped to somebody here, or could be.
    pub people_matched: u64,
    /// Number of conversations.
    pub conversations: u64,
    /// Number of messages in the export.
    pub messages: u64,
    /// Number of threads, in conversations or as conversations of their own.
    pub threads: u64,
    /// Number of replies.
    pub replies: u64,
    /// Number of reactions: one person and one emoji each.
    pub reactions: u64,
    /// Number of attached files.
    pub attachments: u64,
    /// Number of them whose content was found, and which this server accepts.
    #[serde(default)]
    pub files_found: u64,
    /// The total size of these, in bytes.
    #[serde(default)]
    pub files_found_bytes: u64,
    /// Number of attached files whose content is missing or not accepted. `odd` contains the reasons.
    #[serde(default)]
    pub files_missing: u64,
    /// Number of files that were stored, each once for every person who sent it.
    #[serde(default)]
    pub files_added: u64,
    /// The total size of these, in bytes.
    #[serde(default)]
    pub files_added_bytes: u64,
    /// Number of joins, leaves and renames, which are not messages.
    pub notices: u64,
    /// The time of the oldest message.
    pub first: Option<Millis>,
    /// The time of the newest message.
    pub last: Option<Millis>,
    /// Number of records that could not be parsed.
    pub broken: u64,
    /// Number of messages that were added.
    pub added: u64,
    /// Number of messages that existed already.
    pub known: u64,
    /// Number of messages that existed with other content.
    pub changed: u64,
    /// Number of conversations whose messages were numbered again in order of time.
    pub reordered: u64,
    /// Number of files that the export consists of.
    pub files_read: u64,
    /// Number of files that an earlier version imported and that have not changed.
    pub unchanged: u64,
    /// The estimated growth of the database, in bytes.
    pub bytes_needed: u64,
    /// The size of the found files, in bytes, each location counted once: at most what they will take in the store.
    #[serde(default)]
    pub file_bytes_needed: u64,
    /// What was left out or altered: each reason with its count and its first locations.
    pub odd: BTreeMap<String, (u64, Vec<String>)>,
    /// The path of the file with everything that was left out or could not be parsed, in its original form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub report_file: Option<PathBuf>,
    /// The map of people that a dry run wrote.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub people_file: Option<PathBuf>,
}

impl Report {
    /// Adds something that was left out or altered: the reason, the count and the location.
    pub fn add(&mut self, reason: &str, location: String, count: u64) {
        let (total, locations) = self.odd.entry(reason.into()).or_default();
        *total += count;
        if locations.len() < MAX_LISTED_LOCATIONS {
            locations.push(location);
        }
    }
}

/// The reason why an import stopped. What was committed before is kept, and a second import continues after it.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The export cannot be read, or has another format.
    #[error(transparent)]
    StopReason(#[from] StopReason),
    /// There is nothing to import.
    #[error("{path} contains no export of {format}")]
    Empty {
        /// The path.
        path: PathBuf,
        /// What was expected there.
        format: &'static str,
    },
    /// The map of people cannot be used.
    #[error("the map of people {path}: {reason}")]
    Map {
        /// The path.
        path: PathBuf,
        /// The reason.
        reason: String,
    },
    /// A file could not be written.
    #[error("writing {path}")]
    Write {
        /// The path.
        path: PathBuf,
        /// The error of the operating system.
        #[source]
        source: std::io::Error,
    },
    /// The database returned an error.
    #[error("{}", .0.message)]
    Store(ApiError),
}

impl From<DbError> for ImportError {
    fn from(error: DbError) -> Self {
        Self::Store(error.into())
    }
}

impl From<ApiError> for ImportError {
    fn from(error: ApiError) -> Self {
        Self::Store(error)
    }
}
