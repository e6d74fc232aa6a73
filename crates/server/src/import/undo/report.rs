//! The report of what was removed, and what stayed and why.

use super::conversation::{Fate, Removed};
use super::people::PersonFate;
use crate::queries::import_runs::ImportRun;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What undoing an import removed, and what stayed. If it was interrupted before, the numbers are those of the rest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UndoReport {
    /// The number of the import.
    pub number: i64,
    /// Number of messages that were removed.
    pub messages: u64,
    /// Number of conversations that were removed.
    pub conversations: u64,
    /// Number of people who were removed.
    pub people: u64,
    /// What stayed, by the reason, with its number.
    pub kept: BTreeMap<String, u64>,
}

impl UndoReport {
    /// Creates the report of an import of which nothing was removed yet.
    pub(super) fn new(run: &ImportRun) -> Self {
        let mut new = Self {
            number: run.number,
            messages: 0,
            conversations: 0,
            people: 0,
            kept: BTreeMap::new(),
        };
        let changed = u64::try_from(run.changed).unwrap_or(0);
        new.keep("messages of earlier imports, as this import changed them", changed);
        new
    }

    /// Adds what was removed from a conversation.
    pub(super) fn add_conversation(&mut self, removed: Removed) {
        self.messages += removed.messages;
        match removed.fate {
            Fate::Removed => self.conversations += 1,
            Fate::Kept => self.keep("conversations with messages that this import did not add", 1),
            Fate::Existing | Fate::Gone => {}
        }
        let reactions =
            "reactions of people to removed messages, shown again if these are imported again";
        self.keep(reactions, removed.reactions_kept);
        let deletions =
            "messages that were deleted since, without their texts, so that they stay deleted";
        self.keep(deletions, removed.deletions_kept);
    }

    /// Adds whether a person was removed.
    pub(super) fn add_person(&mut self, fate: PersonFate) {
        match fate {
            PersonFate::Removed => self.people += 1,
            PersonFate::Claimed => self.keep("people who were given a password", 1),
            PersonFate::InOtherImport => self.keep("people of other imports", 1),
            PersonFate::InOtherConversation => {
                self.keep("people who were added to other conversations", 1);
            }
            PersonFate::NotCreated => {}
        }
    }

    fn keep(&mut self, reason: &str, count: u64) {
        if count > 0 {
            *self.kept.entry(reason.to_owned()).or_default() += count;
        }
    }
}
