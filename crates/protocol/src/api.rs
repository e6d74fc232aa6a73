//! Requests and responses over HTTP, all under `/v1`.

use crate::{
    ConversationId, Count, GroupName, InvitationId, Millis, Registration, ServerAbout, SessionId,
    UserId, UserRole,
};
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
    /// 8 characters to 72 bytes, after normalization by the profile OpaqueString of RFC 8265.
    pub password: String,
    /// The name that the device gives itself, at most 100 characters.
    #[serde(default)]
    pub device: String,
    /// The secret of an invitation, to register on a server that requires one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invitation: Option<String>,
}

impl fmt::Debug for Credentials {
    /// Leaves the password out, so that no log can contain it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").field("username", &self.username).finish_non_exhaustive()
    }
}

/// The response to registering and to signing in.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct SignedIn {
    /// The bearer token, sent only in this response; the server stores only its digest.
    pub token: String,
    /// The new session.
    pub session_id: SessionId,
    /// The user who signed in.
    pub user_id: UserId,
    /// The username, spelled as in the account.
    pub username: String,
}

impl fmt::Debug for SignedIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignedIn").field("user_id", &self.user_id).finish_non_exhaustive()
    }
}

/// The product name in the response of a Parlour server.
pub const PRODUCT: &str = "parlour";

/// `GET /v1/server`, without a token: shows whether there is a Parlour server at this address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ServerInfo {
    /// Always "parlour": [`PRODUCT`].
    pub product: String,
    /// The server's version.
    pub version: String,
    /// Who may register.
    #[serde(default = "default_registration")]
    pub registration: Registration,
}

fn default_registration() -> Registration {
    Registration::Open
}

/// `PUT /v1/password`: changes the password of the user who makes the request.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct PasswordChange {
    /// The current password.
    pub current: String,
    /// The new password: 8 characters to 72 bytes.
    pub new: String,
    /// Whether the user's other sessions stay; if left out, they end.
    #[serde(default)]
    pub keep_sessions: bool,
}

/// `PUT /v1/users/{id}/password`: an administrator sets another password for a person who forgot theirs. Ends
/// the person's sessions.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct PasswordReset {
    /// The new password: 8 characters to 72 bytes.
    pub password: String,
}

/// `PUT /v1/users/{id}/role`: changes a person's role on the server.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct RoleChange {
    /// The new role.
    pub role: UserRole,
}

/// A person as administrators see them, in `GET /v1/users`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct PersonInfo {
    /// The person's id.
    pub id: UserId,
    /// The username, used to sign in.
    pub username: String,
    /// The name that is shown instead of the username; empty if they have none.
    #[serde(default)]
    pub display_name: String,
    /// The role on the server.
    pub role: UserRole,
    /// The time at which they were last connected, to the minute; `None` if they never were.
    pub last_seen: Option<Millis>,
    /// The time since which they cannot sign in; `None` if they can.
    pub deactivated_at: Option<Millis>,
    /// Whether they have a password. People whom an import created have none until an administrator sets one.
    pub has_password: bool,
    /// Number of their devices that are signed in.
    pub sessions: Count,
    /// Number of groups that they are in.
    pub groups: Count,
    /// Number of those groups that they own.
    pub owned: Count,
}

/// `POST /v1/invitations`
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct InvitationRequest {
    /// The time for which it is valid, in milliseconds: a minute to a year.
    #[cfg_attr(feature = "ipc", specta(type = specta_typescript::Number))]
    pub lifetime_ms: i64,
    /// Number of people who can register with it: 1 to 10,000.
    #[cfg_attr(feature = "ipc", specta(type = specta_typescript::Number))]
    pub uses: i64,
    /// The role that they get.
    #[serde(default = "default_role")]
    pub role: UserRole,
    /// The administrators' note about it, which nobody else sees: one line of at most 120 characters.
    #[serde(default)]
    pub note: String,
    /// The groups that people who register with it join: at most 20. Its creator must be a member of each.
    #[serde(default)]
    pub groups: Vec<ConversationId>,
}

impl InvitationRequest {
    /// Creates a request without a note and groups.
    pub fn new(lifetime_ms: i64, uses: i64, role: UserRole) -> Self {
        Self { lifetime_ms, uses, role, note: String::new(), groups: Vec::new() }
    }
}

fn default_role() -> UserRole {
    UserRole::Member
}

/// An invitation, in `GET /v1/invitations`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Invitation {
    /// The invitation's id.
    pub id: InvitationId,
    /// The user who created it; `None` if the server itself did.
    pub created_by: Option<UserId>,
    /// The time at which it was created.
    pub created_at: Millis,
    /// The time at which it expires.
    pub expires_at: Millis,
    /// Number of people who can still register with it.
    pub uses_left: i64,
    /// The role that they get.
    pub role: UserRole,
    /// The administrators' note about it.
    #[serde(default)]
    pub note: String,
    /// The groups that people who register with it join.
    #[serde(default)]
    pub groups: Vec<GroupName>,
}

/// The response to `POST /v1/invitations`.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct NewInvitation {
    /// The new invitation.
    pub invitation: Invitation,
    /// Its secret, sent only in this response. A link consists of the server's address, `/join#` and the
    /// secret.
    pub secret: String,
}

impl fmt::Debug for NewInvitation {
    /// Leaves the secret out, so that no log can contain it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewInvitation").field("id", &self.invitation.id).finish_non_exhaustive()
    }
}

/// The body of `POST /v1/invitations/preview`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct InvitationSecret {
    /// The secret in the invitation's link.
    pub secret: String,
}

impl fmt::Debug for InvitationSecret {
    /// Leaves the secret out, so that no log can contain it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InvitationSecret").finish_non_exhaustive()
    }
}

/// The description of an invitation for a person who has its secret and has not used it yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct InvitationPreview {
    /// The username of the person who created it; `None` if the server itself did.
    pub invited_by: Option<String>,
    /// The display name of that person; empty if they have none.
    #[serde(default)]
    pub invited_by_name: String,
    /// The role of a person who registers with it.
    pub role: UserRole,
    /// The time at which it expires.
    pub expires_at: Millis,
    /// The username of the account that a person takes over with it; `None` if it creates an account.
    #[serde(default)]
    pub takes_over: Option<String>,
    /// The display name of that account; empty if it has none.
    #[serde(default)]
    pub takes_over_name: String,
    /// The server's name and welcome text.
    #[serde(default)]
    pub server: ServerAbout,
}

/// An entry of the audit log, in `GET /v1/audit`: a sign-in or an action on an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct AuditEntry {
    /// Its number, counted from 1 without gaps.
    pub number: i64,
    /// The time at which it happened.
    pub at: Millis,
    /// The person who did it; `None` for the server's command line and for unknown people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor: Option<UserId>,
    /// The kind of action, as a word: `registered`, `claimed`, `signed_in`, `sign_in_failed`, `signed_out`,
    /// `session_ended`, `others_ended`, `password_changed`, `password_reset`, `role_changed`, `renamed`,
    /// `deactivated`, `reactivated`, `erased`, `sessions_ended`, `invited`, `invitation_voided`,
    /// `group_taken`, `default_groups`, `server_changed`, `imported`, `import_undone`,
    /// `export_begun`, `exported`, `database_copied`, `database_restored`, `backed_up`, `epoch_begun`, `clock_reset`,
    /// `settings_reloaded`, `key_renewed`. Later versions may add words.
    pub action: String,
    /// The id of the person, session, invitation or group that the action was about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<Uuid>,
    /// The network of the request: an IPv4 /24, an IPv6 /64, `command line`, `schedule`, or `elsewhere` for
    /// several.
    pub network: String,
    /// Further details, as `name=value` separated by spaces.
    pub details: String,
    /// SHA-256, in hexadecimal, over the hash of the previous entry and all other fields of this one.
    pub hash: String,
}

/// An earlier text of a message, in `GET /v1/messages/{id}/edits`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct EarlierBody {
    /// Its number: 1 for the original text. A response has the newest ones, so that the first has a larger number if
    /// older ones are left out.
    pub number: Count,
    /// The text.
    pub body: String,
    /// The time at which it was replaced.
    pub replaced_at: Millis,
}

/// A session, in `GET /v1/sessions`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct SessionInfo {
    /// The session's id.
    pub id: SessionId,
    /// The name that the device gives itself.
    pub device: String,
    /// The address of its last request.
    pub address: String,
    /// The time at which it signed in.
    pub created_at: Millis,
    /// The time at which it was last used, to the minute.
    pub last_used_at: Option<Millis>,
    /// The time at which it expires, unless it is used before.
    pub expires_at: Millis,
    /// Whether it is the session that makes the request.
    pub current: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_with_a_secret_do_not_print_it() {
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
