//! The report of an export.

use super::format::ExportFormat;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// What was exported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ExportReport {
    /// The format.
    pub format: ExportFormat,
    /// The new folder.
    pub folder: PathBuf,
    /// Whether private conversations were included.
    pub private: bool,
    /// Number of conversations.
    pub conversations: u64,
    /// Number of private conversations that were left out.
    pub left_out: u64,
    /// Number of messages. Mattermost's format contains no deleted ones.
    pub messages: u64,
    /// Number of files that were copied.
    pub files: u64,
    /// Number of files whose contents are missing or damaged where the server stores them.
    pub missing_files: u64,
    /// Number of bytes that were written.
    pub bytes: u64,
}

impl ExportReport {
    /// Returns the report of an export that has written nothing yet.
    pub(super) fn new(format: ExportFormat, folder: PathBuf, private: bool) -> Self {
        Self {
            format,
            folder,
            private,
            conversations: 0,
            left_out: 0,
            messages: 0,
            files: 0,
            missing_files: 0,
            bytes: 0,
        }
    }
}
