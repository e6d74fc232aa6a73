//! Routes for uploading the bytes of files.

use super::error::body_error;
use super::extract::{Json, Path, Query};
use crate::app::App;
use crate::caller::Caller;
use crate::error::ApiError;
use crate::file_store::Progress;
use crate::files;
use axum::body::{Bytes, HttpBody};
use axum::extract::{Request, State};
use axum::http::StatusCode;
use bytes::BytesMut;
use futures_util::StreamExt;
use parlour_protocol::{
    ErrorCode, FileHash, FileLimits, NewUpload, Upload, limits as protocol_limits,
};
use serde::Deserialize;
use utoipa::IntoParams;

/// The position of a part.
#[derive(Deserialize, IntoParams)]
pub struct PartQuery {
    /// The position of its first byte in the file.
    offset: i64,
}

/// Returns the limits for files: their size, their types, and the caller's quota.
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

/// Starts the upload of a file with this SHA-256, or returns its state if the caller started it before, on any
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
    let hash = hash.parse::<FileHash>().map_err(|_| {
        ApiError::invalid(
            "An upload has the SHA-256 of its file: 64 digits from 0 to 9 and a to f.",
        )
    })?;
    app.limits.quota.charge_record(caller.user_id)?;
    files::begin(&app, caller, hash, new).await.map(Json)
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
    files::state(&app, caller, parse_hash(&hash)?).await.map(Json)
}

/// Adds the next part of a file, of 64 KiB to 4 MiB; only the last one may be smaller. A part that was stored before
/// is not stored again.
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
    let read = async |progress: &Progress| read_part(request, progress).await;
    files::add_part(&app, caller, (parse_hash(&hash)?, offset), read).await.map(Json)
}

async fn read_part(request: Request, progress: &Progress) -> Result<Bytes, ApiError> {
    let announced = request.body().size_hint().lower();
    let mut body = request.into_body().into_data_stream();
    let too_large = || {
        let mib = protocol_limits::PART_BYTES / (1024 * 1024);
        ApiError::new(ErrorCode::TooLarge, format!("A part has at most {mib} MiB."))
    };
    if announced > protocol_limits::PART_BYTES as u64 {
        return Err(too_large());
    }
    let mut part = BytesMut::with_capacity(usize::try_from(announced).unwrap_or_default());
    while let Some(chunk) = body.next().await {
        let chunk = chunk.map_err(|error| body_error(&error))?;
        progress.add(chunk.len());
        if part.len() + chunk.len() > protocol_limits::PART_BYTES {
            return Err(too_large());
        }
        part.extend_from_slice(&chunk);
    }
    Ok(part.freeze())
}

/// Cancels an upload of the caller. A file that a message refers to is not removed.
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
    files::cancel(&app, caller, parse_hash(&hash)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Parses the hash of an existing upload.
fn parse_hash(text: &str) -> Result<FileHash, ApiError> {
    text.parse().map_err(|_| ApiError::not_found("upload"))
}
