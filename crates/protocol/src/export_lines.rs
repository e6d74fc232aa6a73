//! The folder and the lines of JSON of an export, which the app and the server write: docs/export.md describes them. A
//! change that a reader could misunderstand gets a new [`VERSION`].

use crate::{
    ConversationId, ConversationRow, ConversationType, Count, EarlierBody, FileHash, FileKind,
    HistoryVisibility, MemberRole, MemberRow, MessageFile, MessageId, MessageRow, Millis, Reaction,
    Removal, Seq, UserId, UserRole, UserRow,
};
use serde::Serialize;
use std::borrow::Cow;

/// The name of the format.
pub const FORMAT: &str = "parlour-export";
/// The version of the format.
pub const VERSION: u32 = 1;

/// The folder of an export that contains a folder for each conversation.
pub const CONVERSATIONS_FOLDER: &str = "conversations";
/// The lines of one conversation, in its folder.
pub const MESSAGES_FILE: &str = "messages.jsonl";
/// The folder of a conversation's files, in its folder.
pub const FILES_FOLDER: &str = "files";
/// The longest name of a conversation's folder, in bytes.
pub const TITLE_BYTES: usize = 60;
/// The longest name of a file, in bytes, so that paths stay short enough for every system.
pub const FILE_NAME_BYTES: usize = 100;

/// One line.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "camelCase")]
pub enum ExportLine<'a> {
    /// The first line.
    Header(HeaderLine<'a>),
    /// A person, before the first line that refers to them.
    Person(PersonLine<'a>),
    /// The conversation, before its messages.
    Conversation(ConversationLine<'a>),
    /// A message.
    Message(MessageLine<'a>),
    /// The last line, by which a reader knows that nothing is missing.
    End {
        /// The number of messages in the file.
        messages: u64,
    },
}

/// What the file is a part of.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct HeaderLine<'a> {
    format: &'static str,
    version: u32,
    /// The server's address.
    pub server: &'a str,
    /// The user who exported it; `None` if it was the server's command line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exported_by: Option<UserId>,
    /// When it was exported.
    pub exported_at: Millis,
    /// The word for what was selected.
    pub selection: &'a str,
    /// Only messages that were sent at this time or later.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<Millis>,
    /// Only messages that were sent before this time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Millis>,
}

impl<'a> HeaderLine<'a> {
    /// Returns the header of an export by nobody in particular, of any time.
    pub fn new(server: &'a str, exported_at: Millis, selection: &'a str) -> Self {
        let (exported_by, from, until) = (None, None, None);
        let (format, version) = (FORMAT, VERSION);
        Self { format, version, server, exported_by, exported_at, selection, from, until }
    }
}

/// A person.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PersonLine<'a> {
    id: UserId,
    name: &'a str,
    username: &'a str,
    display_name: &'a str,
    about: &'a str,
    time_zone: &'a str,
    role: UserRole,
    #[serde(skip_serializing_if = "Option::is_none")]
    deactivated_at: Option<Millis>,
    #[serde(skip_serializing_if = "Option::is_none")]
    erased_at: Option<Millis>,
}

impl<'a> PersonLine<'a> {
    /// Returns the line of a person with the name that is shown.
    pub fn new(row: &'a UserRow, name: &'a str) -> Self {
        Self {
            id: row.id,
            name,
            username: &row.username,
            display_name: &row.profile.display_name,
            about: &row.profile.about,
            time_zone: &row.profile.time_zone,
            role: row.role,
            deactivated_at: row.deactivated_at,
            erased_at: row.erased_at,
        }
    }
}

/// A conversation.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ConversationLine<'a> {
    id: ConversationId,
    kind: ConversationType,
    title: &'a str,
    topic: &'a str,
    history: HistoryVisibility,
    removal: Removal,
    created_at: Millis,
    #[serde(skip_serializing_if = "Option::is_none")]
    archived_at: Option<Millis>,
    members: Vec<ExportedMember>,
    /// Whether older messages exist that the exporter does not have.
    pub missing_older: bool,
    /// Whether newer messages exist that the exporter does not have.
    pub missing_newer: bool,
}

impl<'a> ConversationLine<'a> {
    /// Returns the line of a conversation of which nothing is missing, with the title that is shown.
    pub fn new(row: &'a ConversationRow, title: &'a str, members: Vec<ExportedMember>) -> Self {
        Self {
            id: row.id,
            kind: row.kind,
            title,
            topic: &row.topic,
            history: row.history,
            removal: row.removal,
            created_at: row.created_at,
            archived_at: row.archived_at,
            members,
            missing_older: false,
            missing_newer: false,
        }
    }
}

/// A member of a conversation.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ExportedMember {
    person: UserId,
    role: MemberRole,
    joined_at: Millis,
    #[serde(skip_serializing_if = "Option::is_none")]
    left_at: Option<Millis>,
    /// The position up to which they have read; `None` if it is not shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub read_to: Option<Seq>,
}

impl From<&MemberRow> for ExportedMember {
    fn from(row: &MemberRow) -> Self {
        Self {
            person: row.user_id,
            role: row.role,
            joined_at: row.joined_at,
            left_at: row.left_at,
            read_to: row.last_read_seq,
        }
    }
}

/// A message.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MessageLine<'a> {
    id: MessageId,
    position: Seq,
    sent_at: Millis,
    author: UserId,
    text: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reply_to: Option<MessageId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    edited_at: Option<Millis>,
    /// Its texts before it was edited, as far as the exporter has them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub earlier_texts: Vec<EarlierText<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    deleted_at: Option<Millis>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pinned_at: Option<Millis>,
    #[serde(skip_serializing_if = "is_empty")]
    mentions: &'a [UserId],
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    mentions_all: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    reactions: Vec<ExportedReaction<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    files: Vec<ExportedFile<'a>>,
}

impl<'a> MessageLine<'a> {
    /// Returns the line of a message without earlier texts.
    pub fn new(
        row: &'a MessageRow,
        reactions: Vec<ExportedReaction<'a>>,
        files: Vec<ExportedFile<'a>>,
    ) -> Self {
        Self {
            id: row.id,
            position: row.seq,
            sent_at: row.sent_at,
            author: row.sender_id,
            text: &row.body,
            reply_to: row.reply_to,
            edited_at: row.edited_at,
            earlier_texts: Vec::new(),
            deleted_at: row.deleted_at,
            pinned_at: row.pinned_at,
            mentions: &row.mentions,
            mentions_all: row.mentions_all,
            reactions,
            files,
        }
    }
}

fn is_empty(list: &&[UserId]) -> bool {
    list.is_empty()
}

/// A text of a message before it was edited.
#[derive(Debug, Serialize)]
pub struct EarlierText<'a> {
    text: &'a str,
    until: Millis,
}

impl<'a> From<&'a EarlierBody> for EarlierText<'a> {
    fn from(earlier: &'a EarlierBody) -> Self {
        Self { text: &earlier.body, until: earlier.replaced_at }
    }
}

/// The reactions to a message with one emoji.
#[derive(Debug, Serialize)]
pub struct ExportedReaction<'a> {
    /// The emoji.
    pub emoji: &'a str,
    /// The number of people who reacted.
    pub count: Count,
    /// Those of them whom the exporter knows.
    pub people: Cow<'a, [UserId]>,
    /// Whether the exporter is one of them, if they do not know all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub own: Option<bool>,
}

impl<'a> From<&'a Reaction> for ExportedReaction<'a> {
    fn from(Reaction { emoji, count, users, own }: &'a Reaction) -> Self {
        Self { emoji, count: *count, people: Cow::Borrowed(users), own: *own }
    }
}

/// A file of a message.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ExportedFile<'a> {
    name: &'a str,
    media_type: &'a str,
    bytes: Count,
    sha256: FileHash,
    shown_as: &'a FileKind,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<&'a str>,
}

impl<'a> ExportedFile<'a> {
    /// Returns a file at a path relative to the lines; `None` if the export does not contain it.
    pub fn new(file: &'a MessageFile, path: Option<&'a str>) -> Self {
        Self {
            name: &file.name,
            media_type: &file.media_type,
            bytes: file.bytes,
            sha256: file.hash,
            shown_as: &file.kind,
            path,
        }
    }
}
