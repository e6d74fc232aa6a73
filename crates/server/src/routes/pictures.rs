//! Routes for the pictures of users and of the server.

use super::extract::{Administrator, Json, Path};
use crate::admin;
use crate::app::App;
use crate::caller::Caller;
use crate::error::ApiError;
use crate::ops::{Picture, set_picture};
use crate::queries::pictures;
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::IntoResponse;
use parlour_protocol::{InvitationSecret, OpDone, PictureFormat, PictureId, ServerAbout};

/// The bytes with an id never change. Shared caches must not store them, because a token is required.
const CACHE_FOREVER: &str = "private, max-age=31536000, immutable";

/// Sets the caller's picture and returns their row in the directory. It must be a JPEG, PNG or WebP of at most 64
/// KiB, square, with sides of at most 512 pixels, and not animated.
#[utoipa::path(
    put,
    path = "/v1/picture",
    tag = "people",
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 200, body = OpDone), ApiError),
    security(("token" = [])),
)]
pub async fn set(
    State(app): State<App>,
    caller: Caller,
    bytes: Result<Bytes, BytesRejection>,
) -> Result<Json<OpDone>, ApiError> {
    let picture = Picture::of(bytes?.into())?;
    change(&app, caller, Some(picture)).await
}

/// Deletes the caller's picture and returns their row in the directory.
#[utoipa::path(
    delete,
    path = "/v1/picture",
    tag = "people",
    responses((status = 200, body = OpDone), ApiError),
    security(("token" = [])),
)]
pub async fn remove(State(app): State<App>, caller: Caller) -> Result<Json<OpDone>, ApiError> {
    change(&app, caller, None).await
}

async fn change(
    app: &App,
    caller: Caller,
    picture: Option<Picture>,
) -> Result<Json<OpDone>, ApiError> {
    app.limits.rates.profile(caller.user_id)?;
    let now = app.now();
    let done = app.write(move |tx| {
        Box::pin(async move {
            caller.require_session(tx, now).await?;
            set_picture(tx, caller.user_id, picture).await
        })
    });
    done.await.map(Json)
}

/// Sets the server's picture, for every server on the database. The same rules apply as for the picture of a user.
#[utoipa::path(
    put,
    path = "/v1/administration/server/picture",
    tag = "server",
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 200, body = ServerAbout), ApiError),
    security(("token" = [])),
)]
pub async fn set_servers(
    State(app): State<App>,
    Administrator(actor): Administrator,
    bytes: Result<Bytes, BytesRejection>,
) -> Result<Json<ServerAbout>, ApiError> {
    let picture = Picture::of(bytes?.into())?;
    Ok(Json(admin::server::set_picture(&app, actor, Some(picture)).await?))
}

/// Deletes the server's picture, for every server on the database.
#[utoipa::path(
    delete,
    path = "/v1/administration/server/picture",
    tag = "server",
    responses((status = 200, body = ServerAbout), ApiError),
    security(("token" = [])),
)]
pub async fn remove_servers(
    State(app): State<App>,
    Administrator(actor): Administrator,
) -> Result<Json<ServerAbout>, ApiError> {
    Ok(Json(admin::server::set_picture(&app, actor, None).await?))
}

/// Returns the server's picture, to anybody who has the secret of an invitation, without using it.
#[utoipa::path(
    post,
    path = "/v1/invitations/picture",
    tag = "people",
    request_body = InvitationSecret,
    responses((status = 200, body = Vec<u8>, content_type = "image/*"), ApiError),
)]
pub async fn find_invited(
    State(app): State<App>,
    Json(request): Json<InvitationSecret>,
) -> Result<impl IntoResponse, ApiError> {
    let id = admin::registration::preview(&app, &request.secret).await?.server.picture;
    let not_found = || ApiError::not_found("picture");
    let id = id.ok_or_else(not_found)?;
    let bytes = pictures::find_servers(&app.db.read().await?, id).await?.ok_or_else(not_found)?;
    let format = PictureFormat::of(&bytes).map_err(|_| not_found())?;
    Ok(([(CONTENT_TYPE, format.media_type())], bytes))
}

/// Returns the picture with this id, which is the SHA-256 of its bytes, if some user or the server has it.
#[utoipa::path(
    get,
    path = "/v1/pictures/{id}",
    tag = "people",
    params(("id" = String, Path)),
    responses((status = 200, body = Vec<u8>, content_type = "image/*"), ApiError),
    security(("token" = [])),
)]
pub async fn find(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<impl IntoResponse, ApiError> {
    let not_found = || ApiError::not_found("picture");
    let id: PictureId = id.parse().map_err(|_| not_found())?;
    let tx = app.db.read().await?;
    caller.require_session(&tx, app.now()).await?;
    let bytes = pictures::find(&tx, id).await?.ok_or_else(not_found)?;
    // It was checked before it was stored, but perhaps by an earlier version.
    let format = PictureFormat::of(&bytes).map_err(|_| not_found())?;
    Ok(([(CONTENT_TYPE, format.media_type()), (CACHE_CONTROL, CACHE_FOREVER)], bytes))
}
