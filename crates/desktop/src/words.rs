//! The words of notifications, in the user's language. The window has the catalogue, and hands them over.

use serde::Deserialize;

/// The words of notifications.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct Words {
    /// That there is a message, of which nothing more is said.
    pub new_message: String,
    /// The title of a notification of a group, with `{who}` and `{place}`.
    pub in_group: String,
    /// The button that leads to the message.
    pub open: String,
    /// The button that answers.
    pub reply: String,
    /// The button that marks the conversation as read.
    pub mark_read: String,
    /// The button that mutes the conversation for an hour.
    pub mute_hour: String,
    /// The title of what was missed.
    pub missed: String,
    /// What was missed, with `{messages}` and `{conversations}`.
    pub missed_text: String,
    /// "1 message", "2 messages" and so on; the last one stands for more.
    pub messages: Vec<String>,
    /// "1 conversation", "2 conversations" and so on; the last one stands for more.
    pub conversations: Vec<String>,
}

impl Words {
    /// Returns the phrase for a number.
    pub(crate) fn counted(phrases: &[String], count: i64) -> &str {
        let at = usize::try_from(count.max(1) - 1).unwrap_or(usize::MAX);
        phrases.get(at).or(phrases.last()).map_or("", String::as_str)
    }
}
