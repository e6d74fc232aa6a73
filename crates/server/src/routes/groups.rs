//! Groups in which no owner can sign in. For administrators of the server.

use super::extract::{Administrator, Json, Path};
use crate::admin::groups;
use crate::app::App;
use crate::error::ApiError;
use axum::extract::State;
use axum::http::StatusCode;
use parlour_protocol::{ConversationId, GroupOwner, OwnerlessGroup};
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
    Administrator(by): Administrator,
) -> Result<Json<Vec<OwnerlessGroup>>, ApiError> {
    Ok(Json(groups::ownerless(&app, by).await?))
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
    Administrator(by): Administrator,
    Path(id): Path<Uuid>,
    Json(owner): Json<GroupOwner>,
) -> Result<StatusCode, ApiError> {
    groups::take_over(&app, by, ConversationId(id), owner.user_id).await?;
    Ok(StatusCode::NO_CONTENT)
}
