//! What a notification says, as far as the user lets it say something.

use super::board::Notification;
use serde::{Deserialize, Serialize};

/// How much notifications say on this device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Shows {
    /// Who wrote, where, and what.
    Message,
    /// Who wrote, and where.
    Name,
    /// That there is a message: also while the account is locked, whatever was chosen.
    Nothing,
}

impl Shows {
    /// Reads a stored value of [`NotificationsShow`](parlour_store::SettingKey::NotificationsShow); what cannot be
    /// read shows nothing.
    pub fn parse(stored: &str) -> Self {
        match stored {
            "message" => Self::Message,
            "name" => Self::Name,
            _ => Self::Nothing,
        }
    }
}

/// What a notification says. Names and texts are others', and as they wrote them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// Who wrote; `None` if that is not said.
    pub who: Option<String>,
    /// The title of the group; `None` if it is none, or if that is not said.
    pub place: Option<String>,
    /// The lines; none if that is not said.
    pub lines: Vec<String>,
    /// The number of messages.
    pub count: usize,
}

/// Maximum number of lines that are shown.
const LINES: usize = 4;

impl Text {
    /// Returns what is said of a notification.
    pub fn of(notification: &Notification, shows: Shows) -> Self {
        let count = notification.count();
        let newest = notification.newest();
        let Some(newest) = newest.filter(|_| shows != Shows::Nothing) else {
            return Self { who: None, place: None, lines: Vec::new(), count };
        };
        let skipped = notification.lines.len().saturating_sub(LINES);
        let shown = notification.lines.iter().skip(skipped);
        // Where several people wrote, each line says who.
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
