//! Numbers of unread messages, as they are shown outside of the conversation list.

use parlour_protocol::ConversationType;
use parlour_store::ConversationSummary;
use std::iter::Sum;
use std::ops::Add;

/// Numbers of unread messages.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Unread {
    /// All of them.
    pub all: i64,
    /// Those that concern the user: mentions, replies, and everything in direct conversations.
    pub mentions: i64,
}

impl From<&ConversationSummary> for Unread {
    fn from(summary: &ConversationSummary) -> Self {
        let is_direct = summary.kind == ConversationType::P2p;
        let mentions = if is_direct { summary.unread } else { summary.mentions };
        Self { all: summary.unread.0, mentions: mentions.0 }
    }
}

impl Add for Unread {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self { all: self.all + other.all, mentions: self.mentions + other.mentions }
    }
}

impl Sum for Unread {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), Add::add)
    }
}
