//! The rows of a stream. A row is a state, not an event: a message edited ten times is one row,
//! at the stream's head when it last changed (`changed_seq`).

use crate::{ConversationId, MessageId, Millis, Seq, SessionId, UserId};
use serde::{Deserialize, Serialize};

/// A conversation is between two people, or a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[serde(rename_all = "lowercase")]
pub enum ConversationType {
    /// Exactly two people; shown as "direct message".
    P2p,
    /// Any number of people, with a title.
    Group,
}

impl ConversationType {
    /// The word in SQL and JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::P2p => "p2p",
            Self::Group => "group",
        }
    }

    /// Reads the word that [`Self::as_str`] gives.
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "p2p" => Some(Self::P2p),
            "group" => Some(Self::Group),
            _ => None,
        }
    }
}

/// One row of a stream.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
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
            Self::User(row) => row.changed_seq,
            Self::Unknown => 0,
        }
    }
}

/// What was said. A deleted message keeps its place with an empty body.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
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
    /// When the server took it.
    pub sent_at: Millis,
    /// When it was last edited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edited_at: Option<Millis>,
    /// When it was deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deleted_at: Option<Millis>,
    /// See [`Row::changed_seq`].
    pub changed_seq: i64,
}

/// The conversation itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ConversationRow {
    /// Which conversation.
    pub id: ConversationId,
    /// p2p or group.
    pub kind: ConversationType,
    /// A group's title; empty for a pair.
    pub title: String,
    /// Who created it.
    pub created_by: UserId,
    /// When.
    pub created_at: Millis,
    /// See [`Row::changed_seq`].
    pub changed_seq: i64,
}

/// A person in a conversation. Who left keeps a row, with `left_at`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MemberRow {
    /// Who.
    pub user_id: UserId,
    /// When they last joined.
    pub joined_at: Millis,
    /// When they left, if they did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left_at: Option<Millis>,
    /// See [`Row::changed_seq`].
    pub changed_seq: i64,
}

/// One's own place in a conversation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
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
    /// How far one has read; 0 for nothing.
    pub last_read_seq: Seq,
    /// See [`Row::changed_seq`].
    pub changed_seq: i64,
}

/// One signed-in device. Never carries the token.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SessionRow {
    /// Which session.
    pub id: SessionId,
    /// What the device calls itself.
    pub device: String,
    /// When it signed in.
    pub created_at: Millis,
    /// When it stops working.
    pub expires_at: Millis,
    /// When it was revoked, if it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked_at: Option<Millis>,
    /// See [`Row::changed_seq`].
    pub changed_seq: i64,
}

/// A person.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UserRow {
    /// Who.
    pub id: UserId,
    /// Used to sign in and shown in chat, as its owner wrote it.
    pub username: String,
    /// See [`Row::changed_seq`].
    pub changed_seq: i64,
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
