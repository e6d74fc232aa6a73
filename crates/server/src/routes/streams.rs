//! What moved, and how: heads and changes.

use super::{Json, Query};
use crate::answers::{self, Cursor};
use crate::app::App;
use crate::auth::Caller;
use crate::error::ApiError;
use axum::extract::State;
use parlour_protocol::{Heads, Page, StreamId, limits};
use serde::Deserialize;
use utoipa::IntoParams;

/// Asks for heads.
#[derive(Deserialize, IntoParams)]
pub struct HeadsQuery {
    /// The watermark of the last answer; 0 for everything.
    #[serde(default)]
    #[param(required = false)]
    wm: i64,
}

/// The caller's streams that moved since a watermark; all of them since 0.
#[utoipa::path(
    get,
    path = "/v1/heads",
    tag = "sync",
    params(HeadsQuery),
    responses((status = 200, body = Heads), ApiError),
    security(("token" = [])),
)]
pub async fn heads(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<HeadsQuery>,
) -> Result<Json<Heads>, ApiError> {
    Ok(Json(answers::heads(&app.db.read().await?, caller.user_id, query.wm).await?))
}

/// Where a mirror stands in a stream.
#[derive(Deserialize, IntoParams)]
pub struct ChangesQuery {
    /// Which.
    #[param(inline)]
    stream: StreamId,
    /// In which state of the server the cursor counts.
    epoch: String,
    /// One's join of the conversation that it counts for; 0 for other streams.
    #[serde(default)]
    #[param(required = false)]
    term: i64,
    /// The cursor.
    since: i64,
}

/// What changed in a stream: one page, from one snapshot.
#[utoipa::path(
    get,
    path = "/v1/changes",
    tag = "sync",
    params(ChangesQuery),
    responses((status = 200, body = Page), ApiError),
    security(("token" = [])),
)]
pub async fn changes(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<ChangesQuery>,
) -> Result<Json<Page>, ApiError> {
    let ChangesQuery { stream, epoch, term, since } = query;
    let (tx, cursor) = (app.db.read().await?, Cursor { stream, epoch, term, since });
    Ok(Json(answers::changes(&tx, caller.user_id, &cursor, limits::PAGE_ROWS).await?))
}
