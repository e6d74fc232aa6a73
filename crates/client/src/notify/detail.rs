//! The part of a notification's content that the user allows to be shown.

use super::desktop_notifications::Notification;
use serde::{Deserialize, Serialize};

/// How much notifications reveal on this device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum NotificationDetail {
    /// The sender, the conversation and the text.
    Message,
    /// The sender and the conversation.
    Name,
    /// Only that there is a message. Always used while the account is locked.
    Nothing,
}

impl NotificationDetail {
    /// Parses a stored value of [`NotificationDetail`](parlour_store::SettingKey::NotificationDetail); an
    /// invalid one reveals nothing.
    pub fn parse(stored: &str) -> Self {
        match stored {
            "message" => Self::Message,
            "name" => Self::Name,
            _ => Self::Nothing,
        }
    }
}

/// The content of a notification. Names and texts come from other people, unchanged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// The sender; `None` if that is not revealed.
    pub sender: Option<String>,
    /// The title of the group; `None` for a direct conversation, or if it is not revealed.
    pub group: Option<String>,
    /// The lines; empty if they are not revealed.
    pub lines: Vec<String>,
    /// Number of messages.
    pub count: usize,
}

/// Maximum number of lines that are shown.
const LINES: usize = 4;

impl Text {
    /// Returns the content of a notification.
    pub fn of(notification: &Notification, detail: NotificationDetail) -> Self {
        let count = notification.count();
        let newest = notification.newest();
        let Some(newest) = newest.filter(|_| detail != NotificationDetail::Nothing) else {
            return Self { sender: None, group: None, lines: Vec::new(), count };
        };
        let skipped = notification.lines.len().saturating_sub(LINES);
        let shown = notification.lines.iter().skip(skipped);
        // If several people wrote, each line begins with a name.
        let has_several_senders = shown.clone().any(|line| line.author != newest.author);
        let lines = shown.map(|line| {
            let emoji = line.reaction.as_ref().map(|reaction| format!("{} ", reaction.emoji));
            let emoji = emoji.unwrap_or_default();
            let by = if has_several_senders { format!("{}: ", line.author) } else { String::new() };
            format!("{by}{emoji}{}", line.text)
        });
        Self {
            sender: Some(newest.author.clone()),
            group: (!notification.is_direct).then(|| notification.title.clone()),
            lines: if detail == NotificationDetail::Message { lines.collect() } else { Vec::new() },
            count,
        }
    }
}
