//! Routes for invitations, which are links for registering. For administrators.

use super::extract::{Administrator, Json, Path, Query};
use crate::admin;
use crate::app::App;
use crate::error::ApiError;
use axum::extract::State;
use axum::http::{Method, StatusCode, Uri};
use axum::response::Redirect;
use parlour_protocol::{
    Invitation, InvitationId, InvitationPreview, InvitationRequest, InvitationSecret,
    NewInvitation, limits,
};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

/// The length in bytes of the longest secret in a damaged link that is repaired.
const SECRET_BYTES: usize = 100;

/// Creates an invitation. Only this response contains its secret.
#[utoipa::path(
    post,
    path = "/v1/invitations",
    tag = "people",
    request_body = InvitationRequest,
    responses((status = 200, body = NewInvitation), ApiError),
    security(("token" = [])),
)]
pub async fn create(
    State(app): State<App>,
    Administrator(actor): Administrator,
    Json(request): Json<InvitationRequest>,
) -> Result<Json<NewInvitation>, ApiError> {
    let (invitation, secret) = admin::invitations::create(&app, actor, request).await?;
    Ok(Json(NewInvitation { invitation, secret }))
}

/// Returns what an invitation offers, to anybody who has its secret, without using it.
#[utoipa::path(
    post,
    path = "/v1/invitations/preview",
    tag = "people",
    request_body = InvitationSecret,
    responses((status = 200, body = InvitationPreview), ApiError),
)]
pub async fn preview(
    State(app): State<App>,
    Json(request): Json<InvitationSecret>,
) -> Result<Json<InvitationPreview>, ApiError> {
    Ok(Json(admin::registration::preview(&app, &request.secret).await?))
}

/// The position of a page of the list.
#[derive(Deserialize, IntoParams)]
pub struct ListQuery {
    /// The id of the last invitation of the previous page; without it, the page starts with the newest one.
    #[param(required = false)]
    pub before: Option<Uuid>,
}

/// Returns the invitations that were not revoked, newest first. After a page of 1,000, request the next one with
/// `before`, the id of its last one.
#[utoipa::path(
    get,
    path = "/v1/invitations",
    tag = "people",
    params(ListQuery),
    responses((status = 200, body = Vec<Invitation>), ApiError),
    security(("token" = [])),
)]
pub async fn list(
    State(app): State<App>,
    Administrator(actor): Administrator,
    Query(ListQuery { before }): Query<ListQuery>,
) -> Result<Json<Vec<Invitation>>, ApiError> {
    let before = before.map(InvitationId);
    Ok(Json(admin::invitations::open(&app, actor, before, limits::LIST_ROWS).await?))
}

/// Revokes an invitation.
#[utoipa::path(
    delete,
    path = "/v1/invitations/{id}",
    tag = "people",
    params(("id" = Uuid, Path)),
    responses((status = 204, description = "Done"), ApiError),
    security(("token" = [])),
)]
pub async fn revoke(
    State(app): State<App>,
    Administrator(actor): Administrator,
    Path(id): Path<Uuid>,
) -> Result<StatusCode, ApiError> {
    admin::invitations::revoke(&app, actor, InvitationId(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Handles all other addresses. If a program replaced the `#` in the link of an invitation by `%23`, redirects to the
/// original link.
pub async fn fallback(method: Method, uri: Uri) -> Result<Redirect, ApiError> {
    let (_, last) = uri.path().rsplit_once('/').unwrap_or_default();
    let link = match (uri.path().strip_prefix("/join/%23"), last.strip_prefix("join%23")) {
        (Some(secret), _) => Some((secret, "../join")),
        (None, Some(secret)) => Some((secret, "join")),
        (None, None) => None,
    };
    let is_secret = |secret: &str| {
        let is_plain =
            |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
        (1..=SECRET_BYTES).contains(&secret.len()) && secret.bytes().all(is_plain)
    };
    match link.filter(|(secret, _)| method.is_safe() && is_secret(secret)) {
        Some((secret, page)) => Ok(Redirect::to(&format!("{page}#{secret}"))),
        None => Err(ApiError::not_found("address")),
    }
}
