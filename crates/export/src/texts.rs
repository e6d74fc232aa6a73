//! The words on exported pages, in the user's language. The window sends them: it has the translations.

use serde::Deserialize;

/// The translated words on exported pages.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct ExportTexts {
    /// The language of these words (BCP 47).
    pub language: String,
    /// The direction of the language: `ltr` or `rtl`.
    pub direction: String,
    /// The title of the index. With the day, it is the name of the folder.
    pub title: String,
    /// The heading above the time of the export.
    pub exported_at: String,
    /// The heading above the user.
    pub account: String,
    /// The heading above the server's address.
    pub server: String,
    /// The heading of the list of conversations, and the link to it.
    pub conversations: String,
    /// The heading of the column of a conversation's title.
    pub conversation: String,
    /// The heading of the column of a conversation's kind.
    pub kind: String,
    /// A conversation of two people.
    pub direct: String,
    /// A group.
    pub group: String,
    /// The heading of the number of messages.
    pub messages: String,
    /// The heading of the day of the first message.
    pub first_day: String,
    /// The heading of the day of the last message.
    pub last_day: String,
    /// The heading of the list of people.
    pub people: String,
    /// The heading of the column of a person's name.
    pub name: String,
    /// The heading of the column of a person's username.
    pub username: String,
    /// The heading of a conversation's members.
    pub members: String,
    /// Follows the name of a person who left.
    pub left: String,
    /// The name of a person who is not known.
    pub unknown_person: String,
    /// The name of the links to other pages.
    pub pages: String,
    /// Precedes the number of a page.
    pub page: String,
    /// The link to the previous page.
    pub previous_page: String,
    /// The link to the next page.
    pub next_page: String,
    /// Says that there are no messages.
    pub no_messages: String,
    /// Says that older messages were not on this computer.
    pub missing_older: String,
    /// Says that newer messages were not on this computer.
    pub missing_newer: String,
    /// Precedes the message that a message replies to.
    pub in_reply_to: String,
    /// Stands for a message that was not on this computer.
    pub unknown_message: String,
    /// Precedes the time of an edit.
    pub edited: String,
    /// Stands for the text of a deleted message.
    pub deleted: String,
    /// Labels a pinned message.
    pub pinned: String,
    /// A task that is done.
    pub done: String,
    /// A task that is not done.
    pub to_do: String,
    /// The name of the list of reactions.
    pub reactions: String,
    /// The name of the list of files.
    pub files: String,
    /// Says that a file was not on this computer.
    pub not_downloaded: String,
    /// Says that files were left out.
    pub left_out: String,
    /// Says that a file may be a program, so that there is no link to it.
    pub may_run: String,
}
