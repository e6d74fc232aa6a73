//! The formats of exports.

use clap::ValueEnum;
use serde::{Deserialize, Serialize};

/// A format in which the server can be exported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum ExportFormat {
    /// Lines of JSON, one file per conversation (docs/export.md).
    Jsonl,
    /// Mattermost's bulk format.
    Mattermost,
}

impl ExportFormat {
    /// Returns its name on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Jsonl => "jsonl",
            Self::Mattermost => "mattermost",
        }
    }
}
