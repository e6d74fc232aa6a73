//! The content of a notification, as far as the user allows it to be shown.

use super::board::Notification;
use serde::{Deserialize, Serialize};

/// How much notifications reveal on this device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Shows {
    /// The sender, the conversation and the text.
    Message,
    /// The sender and the conversation.
    Name,
    /// Only that there is a message. Always used while the account is locked.
    Nothing,
}

impl Shows {
    /// Parses a stored value of [`NotificationsShow`](parlour_store::SettingKey::NotificationsShow); an invalid
    /// one reveals nothing.
    pub fn parse(stored: &str) -> Self {
        match stored {
            "message" => Self::Message,
            "name" => Self::Name,
            _ => Self::Nothing,
        }
    }
}

/// The content of a notification. Names and texts are other people's, unaltered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// The sender; `None` if that is not revealed.
    pub who: Option<String>,
    /// The title of the group; `None` for a direct conversation, or if it is not revealed.
    pub place: Option<String>,
    /// The lines; empty if they are not revealed.
    pub lines: Vec<String>,
    /// Number of messages.
    pub count: usize,
}

/// Maximum number of lines that are shown.
const LINES: usize = 4;

impl Text {
    /// Returns the content of a notification.
    pub fn of(notification: &Notification, shows: Shows) -> Self {
        let count = notification.count();
        let newest = notification.newest();
        let Some(newest) = newest.filter(|_| shows != Shows::Nothing) else {
            return Self { who: None, place: None, lines: Vec::new(), count };
        };
        let skipped = notification.lines.len().saturating_sub(LINES);
        let shown = notification.lines.iter().skip(skipped);
        // If several people wrote, each line begins with a name.
        let is_mixed = shown.clone().any(|line| line.by != newest.by);
        let lines = shown.map(|line| {
            let emoji = line.reaction.as_ref().map(|one| format!("{} ", one.emoji));
            let emoji = emoji.unwrap_or_default();
            let by = if is_mixed { format!("{}: ", line.by) } else { String::new() };
            format!("{by}{emoji}{}", line.text)
        });
        Self {
            who: Some(newest.by.clone()),
            place: (!notification.is_direct).then(|| notification.title.clone()),
            lines: if shows == Shows::Message { lines.collect() } else { Vec::new() },
            count,
        }
    }
}
