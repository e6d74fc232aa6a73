//! What should be shown on the desktop. It is a state, and not a sequence of events: whoever shows it compares it
//! with what is shown, so nothing is doubled, and of what changes quickly only the last is shown.

use parlour_protocol::{ConversationId, Count, MessageId, Millis, Seq};
use parlour_store::NewReaction;
use std::collections::{BTreeMap, VecDeque};

/// Maximum number of lines that a notification keeps.
const LINES: usize = 20;

/// The notifications of one account.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Board {
    /// At most one for each conversation.
    pub notifications: BTreeMap<ConversationId, Notification>,
    /// What was missed in the last absence.
    pub summary: Option<Summary>,
}

/// The notification of a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notification {
    /// The conversation.
    pub conversation: ConversationId,
    /// A group's title, or the other person's name.
    pub title: String,
    /// Whether the conversation is between two people.
    pub is_direct: bool,
    /// Its newest lines, the oldest first; never empty.
    pub lines: VecDeque<Line>,
    /// The number of lines that are too old to be kept.
    pub older: usize,
    /// Counts the lines that were added: with another number, there is something new to be heard of.
    pub version: u64,
}

/// A message or a reaction in a notification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The message.
    pub message: MessageId,
    /// Its position.
    pub seq: Seq,
    /// The name of whoever wrote it, or reacted.
    pub by: String,
    /// The message's text in one line.
    pub text: String,
    /// The reaction, if it is one.
    pub reaction: Option<NewReaction>,
}

/// What was missed in an absence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Summary {
    /// When the absence was over.
    pub at: Millis,
    /// How many messages came.
    pub messages: Count,
    /// In how many conversations.
    pub conversations: Count,
}

impl Notification {
    /// Returns the number of messages and reactions that it stands for.
    pub fn count(&self) -> usize {
        self.older + self.lines.len()
    }

    /// Returns the message to which it leads: the newest.
    pub fn newest(&self) -> Option<&Line> {
        self.lines.back()
    }

    /// Drops the lines that it had in an earlier version.
    pub(crate) fn drop_until(&mut self, version: u64) {
        let newer = usize::try_from(self.version.saturating_sub(version)).unwrap_or(usize::MAX);
        while self.lines.len() > newer {
            self.lines.pop_front();
        }
        self.older = newer.saturating_sub(self.lines.len()).min(self.older);
    }

    /// Adds a line, and drops the oldest where there are too many.
    pub(crate) fn add(&mut self, line: Line) {
        self.lines.push_back(line);
        self.version += 1;
        if self.lines.len() > LINES {
            self.lines.pop_front();
            self.older += 1;
        }
    }
}
