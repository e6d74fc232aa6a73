//! The texts of notifications and of the tray, in the user's language. The window sends them: it has the translations.

use serde::Deserialize;

/// The translated texts that are shown outside of the window.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct DesktopTexts {
    /// The text for a message that is not revealed.
    pub new_message: String,
    /// The title of a group's notification, with `{who}` and `{place}`.
    pub in_group: String,
    /// The button that opens the message.
    pub open: String,
    /// The button that replies.
    pub reply: String,
    /// The button that marks the conversation as read.
    pub mark_read: String,
    /// The button that mutes the conversation for an hour.
    pub mute_hour: String,
    /// The title of a summary.
    pub missed: String,
    /// The text of a summary, with `{messages}` and `{conversations}`.
    pub missed_text: String,
    /// "1 message", "2 messages" and so on; the last one is for all larger numbers.
    pub messages: Vec<String>,
    /// "1 conversation", "2 conversations" and so on; the last one is for all larger numbers.
    pub conversations: Vec<String>,
    /// "1 unread message" and so on, like `messages`.
    pub unread: Vec<String>,
    /// "1 for you" and so on, like `messages`.
    pub mentions: Vec<String>,
    /// Shows the window.
    pub show: String,
    /// Pauses notifications.
    pub pause: String,
    /// A pause of half an hour.
    pub half_hour: String,
    /// A pause of two hours.
    pub two_hours: String,
    /// A pause until tomorrow.
    pub tomorrow: String,
    /// Ends the pause.
    pub resume: String,
    /// Quits.
    pub quit: String,
}

impl DesktopTexts {
    /// Returns the phrase for a count.
    pub(crate) fn counted(phrases: &[String], count: i64) -> &str {
        let index = usize::try_from(count.max(1) - 1).unwrap_or(usize::MAX);
        phrases.get(index).or(phrases.last()).map_or("", String::as_str)
    }
}
