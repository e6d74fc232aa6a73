//! What moved, and how: heads, changes, and the changes of many streams at once; and what a stream has
//! beside messages, to compare a mirror with.

use super::conversations::NEWEST;
use super::extract::{Json, Query};
use super::respond::{Written, respond};
use crate::app::App;
use crate::caller::Caller;
use crate::db::{proof, random_name};
use crate::epoch;
use crate::error::ApiError;
use crate::reads::{self, Cursor, PageLimits};
use axum::extract::State;
use parlour_protocol::{Digest, Heads, Page, Pull, Pulled, StreamId, limits};
use serde::Deserialize;
use utoipa::IntoParams;

/// Asks for heads.
#[derive(Deserialize, IntoParams)]
pub struct HeadsQuery {
    /// The watermark of the last answer; 0 for everything.
    #[serde(default)]
    #[param(required = false)]
    wm: i64,
    /// The proof of the last answer: where it shows that the server was put back to an earlier state, that
    /// begins a new epoch.
    #[serde(default)]
    #[param(required = false)]
    proof: String,
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
) -> Result<Written, ApiError> {
    let HeadsQuery { wm, proof } = query;
    if !proof.is_empty() && proof::is_rolled_back(&app.db.read().await?, &proof).await? {
        let epoch = random_name();
        app.write(move |tx| {
            Box::pin(async move { epoch::begin_if_restored(tx, &proof, epoch).await })
        })
        .await?;
    }
    respond(&app, move |tx| Box::pin(reads::heads(tx, caller.user_id, wm))).await
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
    /// Most bytes of rows, as JSON; as many as the server gives if left out.
    #[param(required = false)]
    bytes: Option<usize>,
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
) -> Result<Written, ApiError> {
    let ChangesQuery { stream, epoch, term, since, bytes } = query;
    let cursor = Cursor { stream, epoch, term, since };
    let most = PageLimits::requested(limits::PAGE_ROWS, bytes);
    respond(&app, move |tx| {
        Box::pin(async move { reads::changes(tx, caller.user_id, &cursor, most).await })
    })
    .await
}

/// What several streams lack: the changes of each since its cursor, or its beginning if it has none.
#[utoipa::path(
    post,
    path = "/v1/pull",
    tag = "sync",
    request_body = Pull,
    responses((status = 200, body = Pulled), ApiError),
    security(("token" = [])),
)]
pub async fn pull(
    State(app): State<App>,
    caller: Caller,
    Json(asked): Json<Pull>,
) -> Result<Written, ApiError> {
    respond(&app, move |tx| {
        Box::pin(
            async move { reads::pull(tx, caller.user_id, &asked, limits::PAGE_ROWS, NEWEST).await },
        )
    })
    .await
}

/// Names a stream as a mirror knows it.
#[derive(Deserialize, IntoParams)]
pub struct StateQuery {
    /// Which.
    #[param(inline)]
    stream: StreamId,
    /// In which state of the server the mirror counts.
    epoch: String,
    /// One's join of the conversation; 0 for other streams.
    #[serde(default)]
    #[param(required = false)]
    term: i64,
}

/// Names a stream as a mirror knows it, and how much of it came already.
#[derive(Deserialize, IntoParams)]
pub struct PiecesQuery {
    /// Which.
    #[param(inline)]
    stream: StreamId,
    /// In which state of the server the mirror counts.
    epoch: String,
    /// One's join of the conversation; 0 for other streams.
    #[serde(default)]
    #[param(required = false)]
    term: i64,
    /// Up to where the pieces before reached, 0 at first; left out, all of it is one page.
    #[param(required = false)]
    since: Option<i64>,
}

/// Everything in a stream but messages: one page up to its head, from one snapshot; or with a cursor as much
/// as fits of what is newer.
#[utoipa::path(
    get,
    path = "/v1/state",
    tag = "sync",
    params(PiecesQuery),
    responses((status = 200, body = Page), ApiError),
    security(("token" = [])),
)]
pub async fn state(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<PiecesQuery>,
) -> Result<Written, ApiError> {
    let PiecesQuery { stream, epoch, term, since } = query;
    if let Some(since) = since {
        let cursor = Cursor { stream, epoch, term, since };
        let most = PageLimits::requested(limits::PAGE_ROWS, None);
        return respond(&app, move |tx| {
            Box::pin(async move { reads::state_after(tx, caller.user_id, &cursor, most).await })
        })
        .await;
    }
    respond(&app, move |tx| {
        Box::pin(async move { reads::state(tx, caller.user_id, stream, (&epoch, term)).await })
    })
    .await
}

/// The digest of everything in a stream but messages, to compare a mirror with.
#[utoipa::path(
    get,
    path = "/v1/state/digest",
    tag = "sync",
    params(StateQuery),
    responses((status = 200, body = Digest), ApiError),
    security(("token" = [])),
)]
pub async fn state_digest(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<StateQuery>,
) -> Result<Written, ApiError> {
    let StateQuery { stream, epoch, term } = query;
    respond(&app, move |tx| {
        Box::pin(
            async move { reads::state_digest(tx, caller.user_id, stream, (&epoch, term)).await },
        )
    })
    .await
}
