//! Links by which people get in. For administrators.

use super::safety::Page;
use super::{Json, Path};
use crate::accounts;
use crate::app::App;
use crate::auth::Administrator;
use crate::error::ApiError;
use crate::queries::invitations;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use parlour_protocol::{Invitation, InvitationId, InvitationRequest, NewInvitation};
use uuid::Uuid;

/// Most that a list shows.
const LISTED: i64 = 1000;

/// Makes an invitation. Its secret is told this once.
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
    Administrator(caller): Administrator,
    Json(asked): Json<InvitationRequest>,
) -> Result<Json<NewInvitation>, ApiError> {
    let (invitation, secret) = accounts::invite(&app, Some(caller.user_id), asked).await?;
    Ok(Json(NewInvitation { invitation, secret }))
}

/// The newest invitations that were not made void.
#[utoipa::path(
    get,
    path = "/v1/invitations",
    tag = "people",
    responses((status = 200, body = Vec<Invitation>), ApiError),
    security(("token" = [])),
)]
pub async fn list(
    State(app): State<App>,
    _: Administrator,
) -> Result<Json<Vec<Invitation>>, ApiError> {
    let tx = app.db.read().await?;
    Ok(Json(invitations::newest(&tx, LISTED).await?))
}

/// Makes an invitation void.
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
    _: Administrator,
    Path(id): Path<Uuid>,
) -> Result<StatusCode, ApiError> {
    let now = app.now();
    app.write(move |tx| {
        Box::pin(async move {
            let revoked = invitations::revoke(tx, InvitationId(id), now).await?;
            if revoked { Ok(StatusCode::NO_CONTENT) } else { Err(ApiError::gone("invitation")) }
        })
    })
    .await
}

/// Where links lead in a browser. An invitation's secret, and which message it is, stay in the browser:
/// they stand behind the `#`, which is not sent.
pub fn pages() -> Router<App> {
    let join = Page::new(include_str!("join.html"));
    let message = Page::new(include_str!("message.html"));
    Router::new()
        .route("/join", get(async move || join.clone()))
        .route("/message", get(async move || message.clone()))
}
