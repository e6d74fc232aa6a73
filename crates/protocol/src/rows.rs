//! The rows of a stream. A row is a state, not an event: a message edited ten times is one row,
//! at the stream's head when it last changed (`changed_seq`).

use crate::{
    ConversationId, ConversationType, Count, DraftRow, HistoryVisibility, MemberRole, MessageId,
    Millis, Removal, SavedRow, Seq, SessionRow, SettingRow, UserId, UserRow,
};
use serde::{Deserialize, Serialize};

/// One row of a stream.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "type", rename_all = "camelCase")]
pub enum Row {
    /// In a conversation's stream.
    Message(MessageRow),
    /// In a conversation's stream: the conversation itself.
    Conversation(ConversationRow),
    /// In a conversation's stream.
    Member(MemberRow),
    /// In an account's stream: one's own place in a conversation.
    Membership(MembershipRow),
    /// In an account's stream.
    Session(SessionRow),
    /// In an account's stream: what its owner is writing.
    Draft(DraftRow),
    /// In an account's stream: a message that its owner wants to find again.
    Saved(SavedRow),
    /// In an account's stream: a choice of its owner's.
    Setting(SettingRow),
    /// In the directory.
    User(UserRow),
    /// A kind that this version does not know: skipped, never fatal.
    #[serde(other)]
    Unknown,
}

impl Row {
    /// The head of its stream when this row last changed; 0 if unknown.
    pub fn changed_seq(&self) -> i64 {
        match self {
            Self::Message(row) => row.changed_seq,
            Self::Conversation(row) => row.changed_seq,
            Self::Member(row) => row.changed_seq,
            Self::Membership(row) => row.changed_seq,
            Self::Session(row) => row.changed_seq,
            Self::Draft(row) => row.changed_seq,
            Self::Saved(row) => row.changed_seq,
            Self::Setting(row) => row.changed_seq,
            Self::User(row) => row.changed_seq,
            Self::Unknown => 0,
        }
    }
}

/// What was said. A deleted message keeps its place with an empty body.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct MessageRow {
    /// Made by the sender; final.
    pub id: MessageId,
    /// Position in the conversation.
    pub seq: Seq,
    /// Who wrote it.
    pub sender_id: UserId,
    /// The text; empty once deleted.
    pub body: String,
    /// The message that it answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<MessageId>,
    /// Members who are meant by it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mentions: Vec<UserId>,
    /// Whether everybody in the conversation is.
    #[serde(default, skip_serializing_if = "is_false")]
    pub mentions_all: bool,
    /// What others think of it, the first kind first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reactions: Vec<Reaction>,
    /// When the server took it.
    pub sent_at: Millis,
    /// When it was last edited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edited_at: Option<Millis>,
    /// When it was deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deleted_at: Option<Millis>,
    /// When it was pinned to the conversation, while it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pinned_at: Option<Millis>,
    /// See [`Row::changed_seq`].
    pub changed_seq: i64,
}

impl MessageRow {
    /// A message to which nothing has happened yet.
    pub fn new(id: MessageId, sender_id: UserId, body: impl Into<String>, sent_at: Millis) -> Self {
        Self {
            id,
            seq: Seq(0),
            sender_id,
            body: body.into(),
            reply_to: None,
            mentions: Vec::new(),
            mentions_all: false,
            reactions: Vec::new(),
            sent_at,
            edited_at: None,
            deleted_at: None,
            pinned_at: None,
            changed_seq: 0,
        }
    }
}

/// One kind of reaction to a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Reaction {
    /// One emoji.
    pub emoji: String,
    /// How many reacted so.
    pub count: Count,
    /// The first 20 who did; nobody in a large conversation.
    pub users: Vec<UserId>,
    /// Whether whoever is answered did, where not everybody who did is named. Left out in what all are told at
    /// once: then it is as it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub own: Option<bool>,
}

impl Reaction {
    /// Whether not everybody who reacted so is named.
    pub fn is_cut(&self) -> bool {
        usize::try_from(self.count.0).is_ok_and(|count| count > self.users.len())
    }

    /// Whether the person reacted so to whom this was told; nothing if that was left out.
    pub fn is_by(&self, user: UserId) -> Option<bool> {
        if self.users.contains(&user) {
            return Some(true);
        }
        if self.is_cut() { self.own } else { Some(false) }
    }
}

fn is_false(value: &bool) -> bool {
    !value
}

fn is_zero(value: &i64) -> bool {
    *value == 0
}

/// The conversation itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ConversationRow {
    /// Which conversation.
    pub id: ConversationId,
    /// p2p or group.
    pub kind: ConversationType,
    /// A group's title; empty for a pair.
    pub title: String,
    /// What it is about.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub topic: String,
    /// What new members see.
    #[serde(default = "from_the_beginning")]
    pub history: HistoryVisibility,
    /// What whoever is removed keeps.
    #[serde(default = "a_copy", skip_serializing_if = "is_a_copy")]
    pub removal: Removal,
    /// Since when it only can be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub archived_at: Option<Millis>,
    /// Who created it.
    pub created_by: UserId,
    /// When.
    pub created_at: Millis,
    /// See [`Row::changed_seq`].
    pub changed_seq: i64,
}

fn from_the_beginning() -> HistoryVisibility {
    HistoryVisibility::Beginning
}

fn a_copy() -> Removal {
    Removal::Keep
}

fn is_a_copy(removal: &Removal) -> bool {
    *removal == Removal::Keep
}

fn a_member() -> MemberRole {
    MemberRole::Member
}

impl ConversationRow {
    /// A conversation that begins.
    pub fn new(
        id: ConversationId,
        kind: ConversationType,
        title: impl Into<String>,
        created_by: UserId,
        created_at: Millis,
    ) -> Self {
        Self {
            id,
            kind,
            title: title.into(),
            topic: String::new(),
            history: HistoryVisibility::Beginning,
            removal: Removal::Keep,
            archived_at: None,
            created_by,
            created_at,
            changed_seq: 0,
        }
    }
}

/// A person in a conversation. Who left keeps a row, with `left_at`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct MemberRow {
    /// Who.
    pub user_id: UserId,
    /// What they may do.
    #[serde(default = "a_member")]
    pub role: MemberRole,
    /// When they last joined.
    pub joined_at: Millis,
    /// How far they have read, in conversations of up to 100 members.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_read_seq: Option<Seq>,
    /// When they left, if they did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left_at: Option<Millis>,
    /// See [`Row::changed_seq`].
    pub changed_seq: i64,
}

/// One's own place in a conversation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct MembershipRow {
    /// Which conversation.
    pub conversation_id: ConversationId,
    /// Counts one's joins of it, from 1.
    pub term: i64,
    /// When one last joined.
    pub joined_at: Millis,
    /// When one left, if one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left_at: Option<Millis>,
    /// Whether one was removed and is to delete what one has of it.
    #[serde(default, skip_serializing_if = "is_false")]
    pub purged: bool,
    /// The first message that one may see.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub visible_from: i64,
    /// How far one has read; 0 for nothing.
    pub last_read_seq: Seq,
    /// Until when it makes no noise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub muted_until: Option<Millis>,
    /// When one put it on top of the list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pinned_at: Option<Millis>,
    /// When one put it away.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hidden_at: Option<Millis>,
    /// Whether one wants to come back to it.
    #[serde(default, skip_serializing_if = "is_false")]
    pub marked_unread: bool,
    /// See [`Row::changed_seq`].
    pub changed_seq: i64,
}

impl MembershipRow {
    /// A place just taken, for the first time.
    pub fn new(conversation_id: ConversationId, joined_at: Millis) -> Self {
        Self {
            conversation_id,
            term: 1,
            joined_at,
            left_at: None,
            purged: false,
            visible_from: 1,
            last_read_seq: Seq(0),
            muted_until: None,
            pinned_at: None,
            hidden_at: None,
            marked_unread: false,
            changed_seq: 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_of_an_unknown_kind_is_read_and_can_be_skipped() {
        let row: Row = serde_json::from_str(r#"{"type":"hologram","changedSeq":9}"#).unwrap();
        assert_eq!(row, Row::Unknown);
    }
}
