//! The lines of JSON. Their format is documented in docs/export.md; a change that a reader could misunderstand gets a
//! new version.

use crate::files::{ExportedFile, FilePlace};
use parlour_protocol::{
    ConversationId, ConversationType, Count, FileHash, FileKind, HistoryVisibility, MemberRole,
    MemberRow, MessageId, MessageRow, Millis, Reaction, Removal, Seq, UserId, UserRole,
};
use parlour_store::{StoredConversation, StoredPerson};
use serde::Serialize;

/// The name of the format.
const FORMAT: &str = "parlour-export";
/// The version of the format.
const VERSION: u32 = 1;

/// One line.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "camelCase")]
pub(super) enum Record<'a> {
    Header(Header<'a>),
    Person(Person<'a>),
    Conversation(Conversation<'a>),
    Message(Message<'a>),
    End(End),
}

/// What an export is of, which is the same in all of its files.
#[derive(Debug, Clone)]
pub(crate) struct Origin {
    /// The server's address.
    pub server: String,
    /// The user who exported it.
    pub user: UserId,
    /// When.
    pub at: Millis,
    /// The word for what was selected.
    pub selection: &'static str,
    /// The period, in which the messages were sent.
    pub from: Option<Millis>,
    /// See `from`.
    pub until: Option<Millis>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Header<'a> {
    format: &'static str,
    version: u32,
    server: &'a str,
    exported_by: UserId,
    exported_at: Millis,
    selection: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<Millis>,
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<Millis>,
}

impl<'a> From<&'a Origin> for Header<'a> {
    fn from(origin: &'a Origin) -> Self {
        Self {
            format: FORMAT,
            version: VERSION,
            server: &origin.server,
            exported_by: origin.user,
            exported_at: origin.at,
            selection: origin.selection,
            from: origin.from,
            until: origin.until,
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Person<'a> {
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

impl<'a> From<&'a StoredPerson> for Person<'a> {
    fn from(StoredPerson { row, name }: &'a StoredPerson) -> Self {
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

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Conversation<'a> {
    id: ConversationId,
    kind: ConversationType,
    title: &'a str,
    topic: &'a str,
    history: HistoryVisibility,
    removal: Removal,
    created_at: Millis,
    #[serde(skip_serializing_if = "Option::is_none")]
    archived_at: Option<Millis>,
    members: Vec<Member>,
    missing_older: bool,
    missing_newer: bool,
}

impl<'a> Conversation<'a> {
    /// Returns the line of a conversation, with the title that is shown.
    pub fn new(stored: &'a StoredConversation, title: &'a str) -> Self {
        let row = &stored.row;
        Self {
            id: row.id,
            kind: row.kind,
            title,
            topic: &row.topic,
            history: row.history,
            removal: row.removal,
            created_at: row.created_at,
            archived_at: row.archived_at,
            members: stored.members.iter().map(Member::from).collect(),
            missing_older: stored.missing_older,
            missing_newer: stored.missing_newer,
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Member {
    person: UserId,
    role: MemberRole,
    joined_at: Millis,
    #[serde(skip_serializing_if = "Option::is_none")]
    left_at: Option<Millis>,
    #[serde(skip_serializing_if = "Option::is_none")]
    read_to: Option<Seq>,
}

impl From<&MemberRow> for Member {
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

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Message<'a> {
    id: MessageId,
    position: Seq,
    sent_at: Millis,
    author: UserId,
    text: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reply_to: Option<MessageId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    edited_at: Option<Millis>,
    #[serde(skip_serializing_if = "Option::is_none")]
    deleted_at: Option<Millis>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pinned_at: Option<Millis>,
    #[serde(skip_serializing_if = "is_empty")]
    mentions: &'a [UserId],
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    mentions_all: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    reactions: Vec<GivenReaction<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    files: Vec<File<'a>>,
}

impl<'a> Message<'a> {
    /// Returns the line of a message.
    pub fn new(row: &'a MessageRow, files: &'a [ExportedFile<'_>]) -> Self {
        Self {
            id: row.id,
            position: row.seq,
            sent_at: row.sent_at,
            author: row.sender_id,
            text: &row.body,
            reply_to: row.reply_to,
            edited_at: row.edited_at,
            deleted_at: row.deleted_at,
            pinned_at: row.pinned_at,
            mentions: &row.mentions,
            mentions_all: row.mentions_all,
            reactions: row.reactions.iter().map(GivenReaction::from).collect(),
            files: files.iter().map(File::from).collect(),
        }
    }
}

fn is_empty(list: &&[UserId]) -> bool {
    list.is_empty()
}

#[derive(Serialize)]
struct GivenReaction<'a> {
    emoji: &'a str,
    count: Count,
    people: &'a [UserId],
    #[serde(skip_serializing_if = "Option::is_none")]
    own: Option<bool>,
}

impl<'a> From<&'a Reaction> for GivenReaction<'a> {
    fn from(reaction: &'a Reaction) -> Self {
        let Reaction { emoji, count, users, own } = reaction;
        Self { emoji, count: *count, people: users, own: *own }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct File<'a> {
    name: &'a str,
    media_type: &'a str,
    bytes: Count,
    sha256: FileHash,
    shown_as: &'a FileKind,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<&'a str>,
}

impl<'a> From<&'a ExportedFile<'_>> for File<'a> {
    fn from(exported: &'a ExportedFile<'_>) -> Self {
        let file = exported.file;
        Self {
            name: &file.name,
            media_type: &file.media_type,
            bytes: file.bytes,
            sha256: file.hash,
            shown_as: &file.kind,
            path: match &exported.place {
                FilePlace::Here(path) => Some(path),
                FilePlace::NotHere | FilePlace::LeftOut => None,
            },
        }
    }
}

#[derive(Serialize)]
pub(super) struct End {
    /// Number of messages in the file.
    pub messages: u64,
}
