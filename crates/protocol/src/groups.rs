//! Groups as administrators of the server see them: those without an owner, and those that new people join.

use crate::{ConversationId, Millis, UserId};
use serde::{Deserialize, Serialize};

/// A group without an owner who can sign in, in `GET /v1/groups/ownerless`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct OwnerlessGroup {
    /// The group's id.
    pub id: ConversationId,
    /// Its title.
    pub title: String,
    /// The time at which it was created.
    pub created_at: Millis,
    /// Number of its members, including those who cannot sign in.
    #[cfg_attr(feature = "ipc", specta(type = specta_typescript::Number))]
    pub member_count: i64,
}

/// `PUT /v1/groups/{id}/owner`: an administrator of the server gives the group another owner.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct GroupOwner {
    /// The new owner.
    pub user_id: UserId,
}

/// A group in a list of groups that new people join.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct GroupName {
    /// The group's id.
    pub id: ConversationId,
    /// Its title; empty if the caller is not a member.
    pub title: String,
}

/// `PUT /v1/groups/default`: sets the groups that every new person joins.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct DefaultGroups {
    /// At most 20. An administrator can add only groups of which they are a member.
    pub groups: Vec<ConversationId>,
}

/// A default group, in `GET /v1/groups/default`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct DefaultGroup {
    /// The group's id.
    pub id: ConversationId,
    /// Its title; empty if the caller is not a member.
    pub title: String,
    /// Why new people do not join it at present; `None` if they do.
    pub withheld: Option<Withheld>,
}

string_enum!(
    /// The reason why new people do not join a default group.
    Withheld {
        /// It is archived.
        Archived = "archived",
        /// None of its members is an administrator of the server who can sign in.
        Unattended = "unattended",
    }
);
