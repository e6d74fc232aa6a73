//! The words of notifications, in the user's language. They come from the window, which has the catalogue.

use serde::Deserialize;

/// The words of notifications.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct Words {
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
}

impl Words {
    /// Returns the phrase for a number.
    pub(crate) fn counted(phrases: &[String], count: i64) -> &str {
        let at = usize::try_from(count.max(1) - 1).unwrap_or(usize::MAX);
        phrases.get(at).or(phrases.last()).map_or("", String::as_str)
    }
}
