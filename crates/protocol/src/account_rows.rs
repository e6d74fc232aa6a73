//! The rows of a person's account, and those of the people whom a mirror knows.

use crate::{ConversationId, MessageId, Millis, PictureId, Profile, SessionId, UserId, UserRole};
use serde::{Deserialize, Serialize};

/// One signed-in device. Never contains the token.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct SessionRow {
    /// The session's id.
    pub id: SessionId,
    /// The name that the device gave itself.
    pub device: String,
    /// The time at which it signed in.
    pub created_at: Millis,
    /// The time at which it expires, unless it is used before.
    pub expires_at: Millis,
    /// The time at which it was revoked or found to have expired.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked_at: Option<Millis>,
    /// See [`Row::changed_seq`](crate::Row::changed_seq).
    pub changed_seq: i64,
}

/// The user's draft in a conversation, from any device; the body is empty once it was sent or
/// discarded.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct DraftRow {
    /// The conversation.
    pub conversation_id: ConversationId,
    /// The text.
    pub body: String,
    /// The message that the draft replies to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<MessageId>,
    /// The time at which it was last written.
    pub updated_at: Millis,
    /// See [`Row::changed_seq`](crate::Row::changed_seq).
    pub changed_seq: i64,
}

/// A message that the user saved for later.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct SavedRow {
    /// The message.
    pub message_id: MessageId,
    /// The conversation that the message is in.
    pub conversation_id: ConversationId,
    /// The time at which it was saved; left out once it is no longer saved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub saved_at: Option<Millis>,
    /// See [`Row::changed_seq`](crate::Row::changed_seq).
    pub changed_seq: i64,
}

/// One choice of a user, the same on all their devices. The server does not interpret it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct SettingRow {
    /// The name of the choice.
    pub name: String,
    /// The chosen value.
    pub value: String,
    /// See [`Row::changed_seq`](crate::Row::changed_seq).
    pub changed_seq: i64,
}

impl UserRow {
    /// Returns the name that is shown: the display name, or the username if there is none.
    pub fn shown_name(&self) -> &str {
        match self.profile.display_name.as_str() {
            "" => &self.username,
            name => name,
        }
    }

    /// Creates the row of a new person.
    pub fn new(id: UserId, username: impl Into<String>, role: UserRole, changed_seq: i64) -> Self {
        Self {
            id,
            username: username.into(),
            role,
            profile: Profile::default(),
            picture: None,
            deactivated_at: None,
            erased_at: None,
            changed_seq,
        }
    }
}

fn default_role() -> UserRole {
    UserRole::Member
}

/// A person.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct UserRow {
    /// The person's id.
    pub id: UserId,
    /// The name with which they sign in, and by which they are mentioned, spelled as they chose.
    pub username: String,
    /// Their role on the server.
    #[serde(default = "default_role")]
    pub role: UserRole,
    /// Their profile.
    #[serde(default, skip_serializing_if = "Profile::is_empty")]
    pub profile: Profile,
    /// Their picture, if they have one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub picture: Option<PictureId>,
    /// The time at which they were deactivated, so that they cannot sign in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deactivated_at: Option<Millis>,
    /// The time at which their name and profile were erased.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub erased_at: Option<Millis>,
    /// See [`Row::changed_seq`](crate::Row::changed_seq).
    pub changed_seq: i64,
}
