//! The routes by which the bytes of files arrive.

use super::extract::{Json, Path, Query};
use crate::app::App;
use crate::caller::Caller;
use crate::error::ApiError;
use crate::files;
use axum::body::Bytes;
use axum::extract::rejection::JsonRejection;
use axum::extract::{FromRequest, Request, State};
use axum::http::StatusCode;
use parlour_protocol::{ErrorCode, FileHash, FileLimits, NewUpload, Upload};
use serde::Deserialize;
use utoipa::IntoParams;

/// Where a part begins.
#[derive(Deserialize, IntoParams)]
pub struct PartQuery {
    /// The position of its first byte in the file.
    offset: i64,
}

/// Returns what the server takes: how large files may be, of which types, and how much the caller has left.
#[utoipa::path(
    get,
    path = "/v1/uploads",
    tag = "files",
    responses((status = 200, body = FileLimits), ApiError),
    security(("token" = [])),
)]
pub async fn limits(State(app): State<App>, caller: Caller) -> Result<Json<FileLimits>, ApiError> {
    files::limits(&app, caller).await.map(Json)
}

/// Begins the upload of a file with this SHA-256, or returns the state of one that the caller began before, on any
/// device.
#[utoipa::path(
    put,
    path = "/v1/uploads/{hash}",
    tag = "files",
    params(("hash" = String, Path)),
    request_body = NewUpload,
    responses((status = 200, body = Upload), ApiError),
    security(("token" = [])),
)]
pub async fn begin(
    State(app): State<App>,
    caller: Caller,
    Path(hash): Path<String>,
    Json(new): Json<NewUpload>,
) -> Result<Json<Upload>, ApiError> {
    app.limits.quota.take_record(caller.user_id)?;
    files::begin(&app, caller, hash_in(&hash)?, new).await.map(Json)
}

/// Returns the state of an upload of the caller.
#[utoipa::path(
    get,
    path = "/v1/uploads/{hash}",
    tag = "files",
    params(("hash" = String, Path)),
    responses((status = 200, body = Upload), ApiError),
    security(("token" = [])),
)]
pub async fn state(
    State(app): State<App>,
    caller: Caller,
    Path(hash): Path<String>,
) -> Result<Json<Upload>, ApiError> {
    files::state(&app, caller, hash_in(&hash)?).await.map(Json)
}

/// Adds the next part of a file, of 64 KiB to 4 MiB; only the last one may be smaller. A part that is there already is
/// not stored again.
#[utoipa::path(
    post,
    path = "/v1/uploads/{hash}",
    tag = "files",
    params(("hash" = String, Path), PartQuery),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 200, body = Upload), ApiError),
    security(("token" = [])),
)]
pub async fn add_part(
    State(app): State<App>,
    caller: Caller,
    Path(hash): Path<String>,
    Query(PartQuery { offset }): Query<PartQuery>,
    request: Request,
) -> Result<Json<Upload>, ApiError> {
    if offset < 0 {
        return Err(ApiError::invalid("A part begins at 0 or later."));
    }
    let read = async {
        let bytes = Bytes::from_request(request, &app).await;
        bytes.map_err(|rejection| match rejection.status() {
            StatusCode::PAYLOAD_TOO_LARGE => {
                ApiError::new(ErrorCode::TooLarge, "A part has at most 4 MiB.")
            }
            _ => JsonRejection::BytesRejection(rejection).into(),
        })
    };
    files::add_part(&app, caller, (hash_in(&hash)?, offset), read).await.map(Json)
}

/// Gives an upload of the caller up. A file that a message has stays.
#[utoipa::path(
    delete,
    path = "/v1/uploads/{hash}",
    tag = "files",
    params(("hash" = String, Path)),
    responses((status = 204, description = "Done"), ApiError),
    security(("token" = [])),
)]
pub async fn cancel(
    State(app): State<App>,
    caller: Caller,
    Path(hash): Path<String>,
) -> Result<StatusCode, ApiError> {
    files::cancel(&app, caller, hash_in(&hash)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn hash_in(text: &str) -> Result<FileHash, ApiError> {
    text.parse().map_err(|_| ApiError::not_found("upload"))
}
