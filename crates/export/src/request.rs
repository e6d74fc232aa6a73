//! What is to be exported.

use parlour_protocol::{ConversationId, Millis};
use parlour_store::Scope;
use serde::Deserialize;

/// The messages to export, and how.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct ExportRequest {
    /// The conversations or messages.
    pub selection: ExportSelection,
    /// Only messages that were sent at this time or later.
    pub from: Option<Millis>,
    /// Only messages that were sent before this time.
    pub until: Option<Millis>,
    /// The formats.
    pub format: ExportFormat,
    /// Whether files are copied, as far as they are on this computer.
    pub with_files: bool,
}

/// The conversations or messages to export.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[serde(tag = "of", rename_all = "camelCase")]
pub enum ExportSelection {
    /// Every conversation.
    Everything,
    /// One conversation.
    Conversation {
        /// The conversation.
        id: ConversationId,
    },
    /// The messages that a search finds.
    Search {
        /// The query as it was typed.
        text: String,
        /// The conversations that are searched.
        scope: Scope,
    },
}

impl ExportSelection {
    /// Returns the word in the header of the JSON lines.
    pub(crate) fn word(&self) -> &'static str {
        match self {
            Self::Everything => "everything",
            Self::Conversation { .. } => "conversation",
            Self::Search { .. } => "search",
        }
    }
}

/// The formats of an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub enum ExportFormat {
    /// Pages to read in a browser.
    Html,
    /// Lines of JSON for programs.
    Jsonl,
    /// Both, next to each other.
    Both,
}

impl ExportFormat {
    pub(crate) fn has_html(self) -> bool {
        matches!(self, Self::Html | Self::Both)
    }

    pub(crate) fn has_jsonl(self) -> bool {
        matches!(self, Self::Jsonl | Self::Both)
    }
}
