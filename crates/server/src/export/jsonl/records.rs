//! The lines of JSON. Their format is documented in docs/export.md; a change that a reader could misunderstand gets a
//! new version.

use super::super::source::Origin;
use crate::queries::conversations::StoredConversation;
use crate::queries::reactions::GivenReaction;
use parlour_protocol::{
    ConversationId, ConversationType, Count, EarlierBody, FileHash, FileKind, HistoryVisibility,
    MemberRole, MemberRow, MessageFile, MessageId, MessageRow, Millis, Removal, Seq, UserId,
    UserRole, UserRow,
};
use serde::Serialize;

/// The name of the format.
const FORMAT: &str = "parlour-export";
/// The version of the format.
const VERSION: u32 = 1;
/// The word for what was selected.
const SELECTION: &str = "server";

/// One line.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "camelCase")]
pub enum Record<'a> {
    /// The first line.
    Header(Header<'a>),
    /// A person, before the first line that refers to them.
    Person(Person<'a>),
    /// The conversation.
    Conversation(Conversation<'a>),
    /// A message.
    Message(Message<'a>),
    /// The last line.
    End(End),
}

/// What the file is a part of. Nobody of the server exported it: it was its command line.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Header<'a> {
    format: &'static str,
    version: u32,
    server: &'a str,
    exported_at: Millis,
    selection: &'static str,
}

impl<'a> From<&'a Origin> for Header<'a> {
    fn from(origin: &'a Origin) -> Self {
        Self {
            format: FORMAT,
            version: VERSION,
            server: &origin.address,
            exported_at: origin.at,
            selection: SELECTION,
        }
    }
}

/// A person.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Person<'a> {
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

impl<'a> From<&'a UserRow> for Person<'a> {
    fn from(row: &'a UserRow) -> Self {
        Self {
            id: row.id,
            name: shown_name(row),
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

/// Returns a person's name as it is shown.
pub fn shown_name(row: &UserRow) -> &str {
    match row.profile.display_name.as_str() {
        "" => row.username.as_str(),
        name => name,
    }
}

/// A conversation.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Conversation<'a> {
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
    /// Returns the line of a conversation with this title.
    pub fn new(stored: &'a StoredConversation, title: &'a str, members: &[MemberRow]) -> Self {
        let (row, shows_reads) = (&stored.row, stored.shows_reads());
        Self {
            id: row.id,
            kind: row.kind,
            title,
            topic: &row.topic,
            history: row.history,
            removal: row.removal,
            created_at: row.created_at,
            archived_at: row.archived_at,
            members: members.iter().map(|member| Member::new(member, shows_reads)).collect(),
            missing_older: false,
            missing_newer: false,
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

impl Member {
    fn new(row: &MemberRow, shows_reads: bool) -> Self {
        Self {
            person: row.user_id,
            role: row.role,
            joined_at: row.joined_at,
            left_at: row.left_at,
            read_to: row.last_read_seq.filter(|_| shows_reads),
        }
    }
}

/// A message.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Message<'a> {
    id: MessageId,
    position: Seq,
    sent_at: Millis,
    author: UserId,
    text: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reply_to: Option<MessageId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    edited_at: Option<Millis>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    earlier_texts: Vec<EarlierText<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    deleted_at: Option<Millis>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pinned_at: Option<Millis>,
    #[serde(skip_serializing_if = "is_empty")]
    mentions: &'a [UserId],
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    mentions_all: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    reactions: Vec<Reaction<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    files: Vec<File<'a>>,
}

impl<'a> Message<'a> {
    /// Returns the line of a message; `paths` are those of its files.
    pub fn new(
        row: &'a MessageRow,
        earlier: &'a [EarlierBody],
        reactions: &'a [GivenReaction],
        paths: &'a [Option<String>],
    ) -> Self {
        let file = |(file, path): (&'a MessageFile, &'a Option<String>)| File::new(file, path);
        Self {
            id: row.id,
            position: row.seq,
            sent_at: row.sent_at,
            author: row.sender_id,
            text: &row.body,
            reply_to: row.reply_to,
            edited_at: row.edited_at,
            earlier_texts: earlier.iter().map(EarlierText::from).collect(),
            deleted_at: row.deleted_at,
            pinned_at: row.pinned_at,
            mentions: &row.mentions,
            mentions_all: row.mentions_all,
            reactions: reactions.iter().map(Reaction::from).collect(),
            files: row.files.iter().zip(paths).map(file).collect(),
        }
    }
}

fn is_empty(list: &&[UserId]) -> bool {
    list.is_empty()
}

#[derive(Serialize)]
struct EarlierText<'a> {
    text: &'a str,
    until: Millis,
}

impl<'a> From<&'a EarlierBody> for EarlierText<'a> {
    fn from(earlier: &'a EarlierBody) -> Self {
        Self { text: &earlier.body, until: earlier.replaced_at }
    }
}

#[derive(Serialize)]
struct Reaction<'a> {
    emoji: &'a str,
    count: usize,
    people: Vec<UserId>,
}

impl<'a> From<&'a GivenReaction> for Reaction<'a> {
    fn from((emoji, people): &'a GivenReaction) -> Self {
        let count = people.len();
        Self { emoji, count, people: people.iter().map(|(_, person)| *person).collect() }
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

impl<'a> File<'a> {
    fn new(file: &'a MessageFile, path: &'a Option<String>) -> Self {
        Self {
            name: &file.name,
            media_type: &file.media_type,
            bytes: file.bytes,
            sha256: file.hash,
            shown_as: &file.kind,
            path: path.as_deref(),
        }
    }
}

/// The end, by which a reader knows that nothing is missing.
#[derive(Serialize)]
pub struct End {
    /// Number of messages in the file.
    pub messages: u64,
}
