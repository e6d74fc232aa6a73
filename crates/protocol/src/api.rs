//! Requests and answers over HTTP, all under `/v1`.

use crate::{ConversationId, Count, InvitationId, Millis, SessionId, UserId, UserRole};
use serde::{Deserialize, Serialize};
use std::fmt;
use uuid::Uuid;

/// `POST /v1/users` (register) and `POST /v1/sessions` (sign in).
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Credentials {
    /// 1 to 50 characters.
    pub username: String,
    /// 8 characters to 72 bytes in the form that RFC 8265 (OpaqueString) gives it.
    pub password: String,
    /// What the device calls itself, at most 100 characters.
    #[serde(default)]
    pub device: String,
    /// To register where one must be invited: the link's secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invitation: Option<String>,
}

impl fmt::Debug for Credentials {
    /// Leaves the password out, so that no log can hold it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").field("username", &self.username).finish_non_exhaustive()
    }
}

/// The answer to both.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct SignedIn {
    /// The bearer token, told this once; the server keeps a digest only.
    pub token: String,
    /// The session that it opens.
    pub session_id: SessionId,
    /// Who signed in.
    pub user_id: UserId,
    /// As the account has it.
    pub username: String,
}

impl fmt::Debug for SignedIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignedIn").field("user_id", &self.user_id).finish_non_exhaustive()
    }
}

/// `GET /v1/server`, without a token: is there a Parlour server at this address?
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ServerInfo {
    /// Always "parlour".
    pub product: String,
    /// The server's version.
    pub version: String,
    /// Who may register.
    #[serde(default = "anybody")]
    pub registration: Registration,
}

fn anybody() -> Registration {
    Registration::Open
}

words!(
    /// Who may register on a server.
    Registration {
        /// Anybody who reaches it.
        Open = "open",
        /// Whoever has an invitation.
        Invitation = "invitation",
        /// Nobody: its administrators make the accounts.
        Closed = "closed",
    }
);

/// `PUT /v1/password`: one's own.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct PasswordChange {
    /// The one that is good.
    pub current: String,
    /// The one to be good from here on: 8 characters to 72 bytes.
    pub new: String,
    /// Whether one's other sessions stay; left out, they end.
    #[serde(default)]
    pub keep_sessions: bool,
}

/// `PUT /v1/users/{id}/password`: by an administrator, for one who forgot theirs. Ends their
/// sessions.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct PasswordReset {
    /// The one to be good from here on: 8 characters to 72 bytes.
    pub password: String,
}

/// `PUT /v1/users/{id}/role`
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct RoleChange {
    /// What they may do from here on.
    pub role: UserRole,
}

/// One person as administrators see them, in `GET /v1/users`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct PersonInfo {
    /// Who.
    pub id: UserId,
    /// Used to sign in and shown in chat.
    pub username: String,
    /// What they may do on the server.
    pub role: UserRole,
    /// When they were last here, to the minute; nothing if they never were.
    pub last_seen: Option<Millis>,
    /// Since when they cannot sign in.
    pub deactivated_at: Option<Millis>,
    /// Whether they have a password: whom an import brought has none until an administrator gives them one.
    pub has_password: bool,
    /// How many of their devices are signed in.
    pub sessions: Count,
    /// How many groups they are in.
    pub groups: Count,
    /// How many of those they own.
    pub owned: Count,
}

/// One group that nobody owns who can sign in, in `GET /v1/groups/ownerless`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct OwnerlessGroup {
    /// Which.
    pub id: ConversationId,
    /// What it is called.
    pub title: String,
    /// When it was begun.
    pub created_at: Millis,
    /// How many are in it, whether they can sign in or not.
    #[cfg_attr(feature = "ipc", specta(type = specta_typescript::Number))]
    pub member_count: i64,
}

/// `PUT /v1/groups/{id}/owner`: by an administrator of the server.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct GroupOwner {
    /// Who is to own it.
    pub user_id: UserId,
}

/// `POST /v1/invitations`
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct InvitationRequest {
    /// How long it is good, in milliseconds: a minute to a year.
    #[cfg_attr(feature = "ipc", specta(type = specta_typescript::Number))]
    pub lifetime_ms: i64,
    /// How many may come by it: 1 to 10,000.
    #[cfg_attr(feature = "ipc", specta(type = specta_typescript::Number))]
    pub uses: i64,
    /// What they may do.
    #[serde(default = "a_member")]
    pub role: UserRole,
    /// What administrators note of it, which nobody else sees: a line of 120 characters at most.
    #[serde(default)]
    pub note: String,
    /// The groups that whoever comes by it joins: 20 at most. Who makes it is a member of each.
    #[serde(default)]
    pub groups: Vec<ConversationId>,
}

impl InvitationRequest {
    /// Returns one without a note and groups.
    pub fn new(lifetime_ms: i64, uses: i64, role: UserRole) -> Self {
        Self { lifetime_ms, uses, role, note: String::new(), groups: Vec::new() }
    }
}

fn a_member() -> UserRole {
    UserRole::Member
}

/// One invitation, in `GET /v1/invitations`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Invitation {
    /// Which.
    pub id: InvitationId,
    /// Who made it; nothing for the server's own.
    pub created_by: Option<UserId>,
    /// When.
    pub created_at: Millis,
    /// When it stops being good.
    pub expires_at: Millis,
    /// How many may still come by it.
    pub uses_left: i64,
    /// What they may do.
    pub role: UserRole,
    /// What administrators noted of it.
    #[serde(default)]
    pub note: String,
    /// The groups that whoever comes by it joins.
    #[serde(default)]
    pub groups: Vec<GroupName>,
}

/// A group, in a list of those that newcomers join.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct GroupName {
    /// Which.
    pub id: ConversationId,
    /// What it is called.
    pub title: String,
}

/// `PUT /v1/groups/default`: the groups that every newcomer joins.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct DefaultGroups {
    /// 20 at most. Who adds one is a member of it.
    pub groups: Vec<ConversationId>,
}

/// The answer to `POST /v1/invitations`.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct NewInvitation {
    /// What was made.
    pub invitation: Invitation,
    /// Its secret, told this once. A link is the server's address, `/join#` and this.
    pub secret: String,
}

impl fmt::Debug for NewInvitation {
    /// Leaves the secret out, so that no log can hold it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewInvitation").field("id", &self.invitation.id).finish_non_exhaustive()
    }
}

/// The body of `POST /v1/invitations/preview`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct InvitationSecret {
    /// The invitation's secret, as its link has it.
    pub secret: String,
}

impl fmt::Debug for InvitationSecret {
    /// Leaves the secret out, so that no log can hold it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InvitationSecret").finish_non_exhaustive()
    }
}

/// What an invitation is, told to whoever has its secret, before they use it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct InvitationPreview {
    /// The username of who made it; nothing for the server's own.
    pub invited_by: Option<String>,
    /// What one becomes by it.
    pub role: UserRole,
    /// When it stops being good.
    pub expires_at: Millis,
}

/// One entry of `GET /v1/audit`: who came in, or what was done to an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct AuditEntry {
    /// Its place: dense, from 1.
    pub number: i64,
    /// When.
    pub at: Millis,
    /// Who did it; nothing for the server's command line, and for whoever is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor: Option<UserId>,
    /// What, as a word: `registered`, `signed_in`, `sign_in_failed`, `signed_out`, `session_ended`,
    /// `others_ended`, `password_changed`, `password_reset`, `role_changed`, `renamed`,
    /// `deactivated`, `reactivated`, `erased`, `sessions_ended`, `invited`, `invitation_voided`,
    /// `group_taken`, `default_groups`, `imported`, `database_copied`, `database_restored`, and what comes.
    pub action: String,
    /// The id of the person, session, invitation or group that it was done to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<Uuid>,
    /// From where: an IPv4 /24, an IPv6 /64, `command line`, or `elsewhere` for several.
    pub network: String,
    /// What else there is to know, as `name=value` with spaces between.
    pub details: String,
    /// SHA-256, in hex, over the entry before's hash and all of this.
    pub hash: String,
}

/// What a message once said, in `GET /v1/messages/{id}/edits`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct EarlierBody {
    /// The text.
    pub body: String,
    /// When it was replaced.
    pub replaced_at: Millis,
}

/// One session, in `GET /v1/sessions`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct SessionInfo {
    /// Which.
    pub id: SessionId,
    /// What the device calls itself.
    pub device: String,
    /// Where it last called from.
    pub address: String,
    /// When it signed in.
    pub created_at: Millis,
    /// When it was last used, to the minute.
    pub last_used_at: Option<Millis>,
    /// When it stops working, unless it is used before.
    pub expires_at: Millis,
    /// Whether it is the one that asks.
    pub current: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_holds_a_secret_does_not_print_it() {
        let secret = || String::from("c0ffee");
        let credentials = Credentials {
            username: "wren".into(),
            password: secret(),
            device: String::new(),
            invitation: Some(secret()),
        };
        let signed_in = SignedIn {
            token: secret(),
            session_id: SessionId(Uuid::nil()),
            user_id: UserId(Uuid::nil()),
            username: "wren".into(),
        };
        let invitation = Invitation {
            id: InvitationId(Uuid::nil()),
            created_by: None,
            created_at: Millis(0),
            expires_at: Millis(0),
            uses_left: 1,
            role: UserRole::Member,
            note: String::new(),
            groups: Vec::new(),
        };
        let new = NewInvitation { invitation, secret: secret() };
        for printed in [format!("{credentials:?}"), format!("{signed_in:?}"), format!("{new:?}")] {
            assert!(!printed.contains("c0ffee"), "{printed}");
        }
    }
}
