//! What an import did or would do, and why it stopped.

use super::form::Stop;
use super::format::Format;
use crate::db::DbError;
use crate::error::ApiError;
use parlour_protocol::Millis;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Places that are named of each reason.
const PLACES: usize = 5;

/// What an import did, or what a dry run found.
#[derive(Debug, Default, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// What wrote the export.
    pub format: Option<Format>,
    /// Whether nothing was stored.
    pub dry_run: bool,
    /// People, those who are listed and those who only said something.
    pub people: u64,
    /// Those of them who are listed.
    pub people_listed: u64,
    /// Those of them who are programs.
    pub bots: u64,
    /// Those of them who seem to be, or were taken for, somebody here.
    pub people_matched: u64,
    /// Conversations.
    pub conversations: u64,
    /// Messages in the export.
    pub messages: u64,
    /// Threads: those in conversations, and those that are conversations of their own.
    pub threads: u64,
    /// Answers.
    pub replies: u64,
    /// Reactions: one person and one emoji each.
    pub reactions: u64,
    /// Files.
    pub attachments: u64,
    /// Joins, leaves and renames, which are not messages.
    pub notices: u64,
    /// The time of the oldest message.
    pub first: Option<Millis>,
    /// The time of the newest message.
    pub last: Option<Millis>,
    /// Records that could not be understood.
    pub broken: u64,
    /// Messages that were not there before.
    pub added: u64,
    /// The number of messages that were imported before.
    pub known: u64,
    /// Messages that were there with another content.
    pub changed: u64,
    /// Conversations that were put in order of time again.
    pub reordered: u64,
    /// Files read.
    pub files_read: u64,
    /// Files that were imported by an earlier version and have not changed.
    pub unchanged: u64,
    /// Bytes that the database grows by, more or less.
    pub bytes_needed: u64,
    /// What was left out or altered: each reason with how often, and its first places.
    pub odd: BTreeMap<String, (u64, Vec<String>)>,
    /// Where everything that was left out is, and what could not be understood as it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub report_file: Option<PathBuf>,
    /// The map of people that a dry run wrote.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub people_file: Option<PathBuf>,
}

impl Report {
    /// Notes that something was left out or altered, how often, and where.
    pub fn note(&mut self, why: &str, at: String, many: u64) {
        let (count, places) = self.odd.entry(why.into()).or_default();
        *count += many;
        if places.len() < PLACES {
            places.push(at);
        }
    }
}

/// The reason why an import stopped. What was committed before stays, and a second run continues from
/// there.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The export could not be read, or is none of this format.
    #[error(transparent)]
    Stop(#[from] Stop),
    /// There is nothing to import.
    #[error("{path} holds nothing of {format}")]
    Empty {
        /// Where.
        path: PathBuf,
        /// What should be there.
        format: &'static str,
    },
    /// The map of people cannot be used.
    #[error("the map of people {path}: {why}")]
    Map {
        /// Which.
        path: PathBuf,
        /// Why.
        why: String,
    },
    /// A file could not be written.
    #[error("writing {path}")]
    Write {
        /// Which.
        path: PathBuf,
        /// The error of the operating system.
        #[source]
        source: std::io::Error,
    },
    /// The database refused.
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
