//! Groups in which no owner can sign in, and those that newcomers join. For administrators of the server.

use super::extract::{Administrator, Json, Path};
use crate::admin::{groups, newcomers};
use crate::app::App;
use crate::error::ApiError;
use axum::extract::State;
use axum::http::StatusCode;
use parlour_protocol::{ConversationId, DefaultGroup, DefaultGroups, GroupOwner, OwnerlessGroup};
use uuid::Uuid;

/// Returns groups in which no owner can sign in: 100 at most, in no particular order.
#[utoipa::path(
    get,
    path = "/v1/groups/ownerless",
    tag = "people",
    responses((status = 200, body = Vec<OwnerlessGroup>), ApiError),
    security(("token" = [])),
)]
pub async fn ownerless(
    State(app): State<App>,
    Administrator(actor): Administrator,
) -> Result<Json<Vec<OwnerlessGroup>>, ApiError> {
    Ok(Json(groups::ownerless(&app, actor).await?))
}

/// Makes a user the owner of a group in which no owner can sign in.
#[utoipa::path(
    put,
    path = "/v1/groups/{id}/owner",
    tag = "people",
    params(("id" = Uuid, Path)),
    request_body = GroupOwner,
    responses((status = 204, description = "Done"), ApiError),
    security(("token" = [])),
)]
pub async fn take_over(
    State(app): State<App>,
    Administrator(actor): Administrator,
    Path(id): Path<Uuid>,
    Json(owner): Json<GroupOwner>,
) -> Result<StatusCode, ApiError> {
    groups::take_over(&app, actor, ConversationId(id), owner.user_id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Returns the default groups, each with the reason if newcomers do not join it at present. The title of a group is
/// empty if the caller is not a member.
#[utoipa::path(
    get,
    path = "/v1/groups/default",
    tag = "people",
    responses((status = 200, body = Vec<DefaultGroup>), ApiError),
    security(("token" = [])),
)]
pub async fn default(
    State(app): State<App>,
    Administrator(actor): Administrator,
) -> Result<Json<Vec<DefaultGroup>>, ApiError> {
    Ok(Json(newcomers::default_groups(&app, actor).await?))
}

/// Chooses the groups that every newcomer joins from now on. The caller must be a member of a group to add it.
#[utoipa::path(
    put,
    path = "/v1/groups/default",
    tag = "people",
    request_body = DefaultGroups,
    responses((status = 204, description = "Done"), ApiError),
    security(("token" = [])),
)]
pub async fn set_default(
    State(app): State<App>,
    Administrator(actor): Administrator,
    Json(chosen): Json<DefaultGroups>,
) -> Result<StatusCode, ApiError> {
    newcomers::set_default_groups(&app, actor, chosen.groups).await?;
    Ok(StatusCode::NO_CONTENT)
}
