//! The rows of a person's account, and of the people whom a mirror knows.

use crate::{ConversationId, MessageId, Millis, SessionId, UserId, UserRole};
use serde::{Deserialize, Serialize};

/// One signed-in device. Never carries the token.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct SessionRow {
    /// Which session.
    pub id: SessionId,
    /// What the device calls itself.
    pub device: String,
    /// When it signed in.
    pub created_at: Millis,
    /// When it stops working, unless it is used before.
    pub expires_at: Millis,
    /// When it was revoked, or its time was found to be over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked_at: Option<Millis>,
    /// See [`Row::changed_seq`](crate::Row::changed_seq).
    pub changed_seq: i64,
}

/// What one is writing in a conversation, on any device; an empty body when it was sent or dropped.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct DraftRow {
    /// Where.
    pub conversation_id: ConversationId,
    /// The text.
    pub body: String,
    /// The message that it answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<MessageId>,
    /// When it was last written.
    pub updated_at: Millis,
    /// See [`Row::changed_seq`](crate::Row::changed_seq).
    pub changed_seq: i64,
}

/// A message that one saved for later.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct SavedRow {
    /// Which.
    pub message_id: MessageId,
    /// Where it is.
    pub conversation_id: ConversationId,
    /// When it was saved; nothing once it is not saved any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub saved_at: Option<Millis>,
    /// See [`Row::changed_seq`](crate::Row::changed_seq).
    pub changed_seq: i64,
}

/// One choice of a person's, the same on all their devices. The server does not read it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct SettingRow {
    /// What is chosen.
    pub name: String,
    /// What was chosen.
    pub value: String,
    /// See [`Row::changed_seq`](crate::Row::changed_seq).
    pub changed_seq: i64,
}

impl UserRow {
    /// A person just come.
    pub fn new(id: UserId, username: impl Into<String>, role: UserRole, changed_seq: i64) -> Self {
        let username = username.into();
        Self { id, username, role, deactivated_at: None, erased_at: None, changed_seq }
    }
}

fn a_person() -> UserRole {
    UserRole::Member
}

/// A person.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct UserRow {
    /// Who.
    pub id: UserId,
    /// Used to sign in and shown in chat, as its owner wrote it.
    pub username: String,
    /// What they may do on the server.
    #[serde(default = "a_person")]
    pub role: UserRole,
    /// Since when they cannot sign in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deactivated_at: Option<Millis>,
    /// Since when their name and profile are gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub erased_at: Option<Millis>,
    /// See [`Row::changed_seq`](crate::Row::changed_seq).
    pub changed_seq: i64,
}
