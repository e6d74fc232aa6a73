//! The rows of a stream. A row is a state, not an event: a message edited ten times is one row, at
//! the position of its last change (`changed_seq`).

use crate::{
    ConversationId, ConversationType, Count, DraftRow, HistoryVisibility, MemberRole, MessageFile,
    MessageId, Millis, Removal, SavedRow, Seq, SessionRow, SettingRow, UserId, UserRow,
};
use serde::{Deserialize, Serialize};

/// One row of a stream.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "type", rename_all = "camelCase")]
pub enum Row {
    /// In a conversation's stream: a message.
    Message(MessageRow),
    /// In a conversation's stream: the conversation itself.
    Conversation(ConversationRow),
    /// In a conversation's stream: a member.
    Member(MemberRow),
    /// In an account's stream: the user's membership in a conversation.
    Membership(MembershipRow),
    /// In an account's stream: a signed-in device.
    Session(SessionRow),
    /// In an account's stream: a draft of the user.
    Draft(DraftRow),
    /// In an account's stream: a message that the user saved for later.
    Saved(SavedRow),
    /// In an account's stream: a choice of the user.
    Setting(SettingRow),
    /// In the directory's stream: a person.
    User(UserRow),
    /// A kind that this version does not know: skipped, never an error.
    #[serde(other)]
    Unknown,
}

impl Row {
    /// Returns the head of the stream at the row's last change; 0 for an unknown kind.
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

/// A message. A deleted message keeps its position and has an empty body and no files.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct MessageRow {
    /// The id, chosen by the sender; never changes.
    pub id: MessageId,
    /// The position in the conversation.
    pub seq: Seq,
    /// The author.
    pub sender_id: UserId,
    /// The text; empty once deleted.
    pub body: String,
    /// The message that it replies to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<MessageId>,
    /// The members whom it mentions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mentions: Vec<UserId>,
    /// Whether it mentions everybody in the conversation.
    #[serde(default, skip_serializing_if = "is_false")]
    pub mentions_all: bool,
    /// Its files; none once it is deleted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<MessageFile>,
    /// The reactions to it, by kind, the first kind first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reactions: Vec<Reaction>,
    /// The time at which the server accepted it.
    pub sent_at: Millis,
    /// The time at which it was last edited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edited_at: Option<Millis>,
    /// The time at which it was deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deleted_at: Option<Millis>,
    /// The time at which it was pinned to the conversation; left out if it is not pinned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pinned_at: Option<Millis>,
    /// See [`Row::changed_seq`].
    pub changed_seq: i64,
}

impl MessageRow {
    /// Creates a message that was not changed yet.
    pub fn new(id: MessageId, sender_id: UserId, body: impl Into<String>, sent_at: Millis) -> Self {
        Self {
            id,
            seq: Seq(0),
            sender_id,
            body: body.into(),
            reply_to: None,
            mentions: Vec::new(),
            mentions_all: false,
            files: Vec::new(),
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
    /// Number of people with this reaction.
    pub count: Count,
    /// The first 20 of them; empty in a large conversation.
    pub users: Vec<UserId>,
    /// Whether the recipient of this row has this reaction, if `users` is incomplete.
    /// Left out in rows that are sent to all members at once: then it is unchanged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub own: Option<bool>,
}

impl Reaction {
    /// Returns whether `users` is incomplete.
    pub fn is_cut(&self) -> bool {
        usize::try_from(self.count.0).is_ok_and(|count| count > self.users.len())
    }

    /// Returns whether `user`, who must be the recipient of this row, has this reaction; `None` if the row
    /// does not say.
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
    /// The conversation's id.
    pub id: ConversationId,
    /// Whether it is between two people or a group.
    pub kind: ConversationType,
    /// The title of a group; empty for two people.
    pub title: String,
    /// The topic of the group.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub topic: String,
    /// The part of the history that new members see.
    #[serde(default = "default_history")]
    pub history: HistoryVisibility,
    /// The data that people who are removed keep.
    #[serde(default = "default_removal", skip_serializing_if = "is_default_removal")]
    pub removal: Removal,
    /// The time at which it was archived, and so became read-only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub archived_at: Option<Millis>,
    /// The user who created it.
    pub created_by: UserId,
    /// The time at which it was created.
    pub created_at: Millis,
    /// See [`Row::changed_seq`].
    pub changed_seq: i64,
}

fn default_history() -> HistoryVisibility {
    HistoryVisibility::Beginning
}

fn default_removal() -> Removal {
    Removal::Keep
}

fn is_default_removal(removal: &Removal) -> bool {
    *removal == Removal::Keep
}

fn default_role() -> MemberRole {
    MemberRole::Member
}

impl ConversationRow {
    /// Creates a new conversation.
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

/// A member of a conversation. A person who left keeps a row, with `left_at`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct MemberRow {
    /// The person.
    pub user_id: UserId,
    /// Their role.
    #[serde(default = "default_role")]
    pub role: MemberRole,
    /// The time at which they last joined.
    pub joined_at: Millis,
    /// The position up to which they have read, in conversations of up to 100 members.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_read_seq: Option<Seq>,
    /// The time at which they left, if they did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left_at: Option<Millis>,
    /// See [`Row::changed_seq`].
    pub changed_seq: i64,
}

/// The user's own membership in a conversation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct MembershipRow {
    /// The conversation.
    pub conversation_id: ConversationId,
    /// The number of the user's join of it, from 1.
    pub term: i64,
    /// The time at which the user last joined.
    pub joined_at: Millis,
    /// The time at which the user left; left out if the user is a member.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left_at: Option<Millis>,
    /// Whether the user was removed and must delete what the device has of the conversation.
    #[serde(default, skip_serializing_if = "is_false")]
    pub purged: bool,
    /// The position of the first message that the user may see.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub visible_from: i64,
    /// The position up to which the user has read; 0 if nothing.
    pub last_read_seq: Seq,
    /// The time until which it is muted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub muted_until: Option<Millis>,
    /// The time at which the user pinned it to the top of the list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pinned_at: Option<Millis>,
    /// The time at which the user hid it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hidden_at: Option<Millis>,
    /// Whether the user marked it as unread, to come back to it.
    #[serde(default, skip_serializing_if = "is_false")]
    pub marked_unread: bool,
    /// See [`Row::changed_seq`].
    pub changed_seq: i64,
}

impl MembershipRow {
    /// Creates a first membership.
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
