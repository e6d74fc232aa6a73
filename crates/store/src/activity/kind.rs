//! Why a message may concern the user.

use serde::{Deserialize, Serialize};

/// Why a message may concern the user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub enum ActivityKind {
    /// It mentions the user or everybody.
    Mention,
    /// It replies to a message of the user.
    Reply,
    /// It is a message of the user with reactions of others.
    Reaction,
    /// It contains a keyword.
    Keyword,
}

impl ActivityKind {
    /// Returns the stored form.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Mention => "mention",
            Self::Reply => "reply",
            Self::Reaction => "reaction",
            Self::Keyword => "keyword",
        }
    }

    /// Returns the kind of this stored form.
    pub(super) fn parse(stored: &str) -> Self {
        let all = [Self::Mention, Self::Reply, Self::Reaction];
        all.into_iter().find(|kind| kind.as_str() == stored).unwrap_or(Self::Keyword)
    }
}
