//! Collects the backlog of a catch-up.

use super::rule::{Decision, Rule};
use crate::error::Result;
use crate::notify::desktop_notifications::Summary;
use crate::notify::level::Level;
use parlour_protocol::Count;
use parlour_store::NewItem;
use std::collections::BTreeSet;

/// The messages of the backlog.
#[derive(Debug, Default)]
pub struct Missed(Vec<NewItem>);

impl Missed {
    /// Adds a message. Reactions are not counted: they are visible at their messages.
    pub fn add(&mut self, item: NewItem) {
        if item.reaction.is_none() {
            self.0.push(item);
        }
    }

    /// Returns whether it is empty.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the summary of the messages that would have alerted; `None` if there are none.
    pub fn sum_up(&self, rule: &mut Rule<'_>) -> Result<Option<Summary>> {
        let (mut messages, mut conversations) = (0, BTreeSet::new());
        for item in &self.0 {
            if let Decision::Level(Level::Alert, ..) = rule.level(item, true)? {
                messages += 1;
                conversations.insert(item.conversation);
            }
        }
        let conversations = Count(i64::try_from(conversations.len()).unwrap_or(i64::MAX));
        let summary =
            Summary { at: rule.device_state.wall, messages: Count(messages), conversations };
        Ok((messages > 0).then_some(summary))
    }
}
