//! The notifications that should be on the desktop. They are a state instead of a sequence of events: the desktop
//! compares it with what it already shows, so nothing is shown twice, and quick changes are coalesced.

use parlour_protocol::{ConversationId, Count, MessageId, Millis, Seq};
use parlour_store::NewReaction;
use std::collections::{BTreeMap, VecDeque};

/// Maximum number of lines of a notification.
const LINES: usize = 20;

/// The notifications of one account that should be on the desktop.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DesktopNotifications {
    /// The notifications of conversations, at most one for each.
    pub by_conversation: BTreeMap<ConversationId, Notification>,
    /// The summary of the last catch-up.
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
    /// The number of older lines, which were dropped.
    pub older: usize,
    /// The number of lines that were added so far: if it grows, there is something new.
    pub version: u64,
}

/// A message or a reaction in a notification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The message's id.
    pub message: MessageId,
    /// Its position.
    pub seq: Seq,
    /// The name of its sender, or of the person who reacted.
    pub author: String,
    /// The message's text in one line.
    pub text: String,
    /// The reaction, if it is one.
    pub reaction: Option<NewReaction>,
}

/// The summary of what was missed while the device was offline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Summary {
    /// The time at which the catch-up ended.
    pub at: Millis,
    /// Number of messages.
    pub messages: Count,
    /// Number of conversations.
    pub conversations: Count,
}

impl Notification {
    /// Returns the number of messages and reactions in it.
    pub fn count(&self) -> usize {
        self.older + self.lines.len()
    }

    /// Returns the message that a click opens: the newest.
    pub fn newest(&self) -> Option<&Line> {
        self.lines.back()
    }

    /// Removes the lines that an earlier version of it had.
    pub(crate) fn drop_until(&mut self, version: u64) {
        let newer = usize::try_from(self.version.saturating_sub(version)).unwrap_or(usize::MAX);
        while self.lines.len() > newer {
            self.lines.pop_front();
        }
        self.older = newer.saturating_sub(self.lines.len()).min(self.older);
    }

    /// Adds a line; removes the oldest if there are too many.
    pub(crate) fn add(&mut self, line: Line) {
        self.lines.push_back(line);
        self.version += 1;
        if self.lines.len() > LINES {
            self.lines.pop_front();
            self.older += 1;
        }
    }
}
