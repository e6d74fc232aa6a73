//! Routes for streams: heads, changes, and the changes of many streams at once; and the rows of a stream
//! except messages, for comparison with a mirror.

use super::conversations::NEWEST;
use super::extract::{Json, Query};
use super::respond::{LargeResponse, respond};
use crate::admin::server;
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

/// The state that a client has seen.
#[derive(Deserialize, IntoParams)]
pub struct HeadsQuery {
    /// The watermark of the last response; 0 for all streams.
    #[serde(default)]
    #[param(required = false)]
    wm: i64,
    /// The proof of the last response. If it shows that the server was restored to an earlier state, a new
    /// epoch begins.
    #[serde(default)]
    #[param(required = false)]
    proof: String,
}

/// Returns the caller's streams that moved since a watermark, or all of them if it is 0.
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
) -> Result<LargeResponse, ApiError> {
    let HeadsQuery { wm, proof } = query;
    if !proof.is_empty() && proof::is_rolled_back(&app.db.read().await?, &proof).await? {
        let epoch = random_name();
        app.write(move |tx| {
            Box::pin(async move { epoch::begin_if_restored(tx, &proof, epoch).await })
        })
        .await?;
    }
    let configured = server::configured(&app);
    respond(&app, caller.user_id, move |tx| {
        Box::pin(async move {
            let heads = reads::heads(tx, caller.user_id, wm).await?;
            let server = Some(server::about(tx, configured).await?);
            Ok(Heads { server, ..heads })
        })
    })
    .await
}

/// The position of a mirror in a stream.
#[derive(Deserialize, IntoParams)]
pub struct ChangesQuery {
    /// The stream.
    #[param(inline)]
    stream: StreamId,
    /// The epoch in which the cursor is valid.
    epoch: String,
    /// The term of the caller's membership in which the cursor is valid; 0 for streams other than conversations.
    #[serde(default)]
    #[param(required = false)]
    term: i64,
    /// The cursor.
    since: i64,
    /// The largest number of bytes of rows, as JSON; without it, the server's own limit.
    #[param(required = false)]
    bytes: Option<usize>,
}

/// Returns the changes in a stream since a cursor: one page, from one snapshot.
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
) -> Result<LargeResponse, ApiError> {
    let ChangesQuery { stream, epoch, term, since, bytes } = query;
    let cursor = Cursor { stream, epoch, term, since };
    let page_limits = PageLimits::requested(limits::PAGE_ROWS, bytes);
    respond(&app, caller.user_id, move |tx| {
        Box::pin(async move { reads::changes(tx, caller.user_id, &cursor, page_limits).await })
    })
    .await
}

/// Returns the changes of several streams since their cursors. Without a cursor, a conversation gets a bootstrap,
/// and any other stream its changes from the first.
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
    Json(request): Json<Pull>,
) -> Result<LargeResponse, ApiError> {
    respond(&app, caller.user_id, move |tx| {
        Box::pin(async move {
            reads::pull(tx, caller.user_id, &request, limits::PAGE_ROWS, NEWEST).await
        })
    })
    .await
}

/// A stream of a mirror.
#[derive(Deserialize, IntoParams)]
pub struct StateDigestQuery {
    /// The stream.
    #[param(inline)]
    stream: StreamId,
    /// The epoch in which the mirror is valid.
    epoch: String,
    /// The term of the caller's membership; 0 for streams other than conversations.
    #[serde(default)]
    #[param(required = false)]
    term: i64,
}

/// A stream of a mirror, and the cursor up to which the client has received it.
#[derive(Deserialize, IntoParams)]
pub struct StateQuery {
    /// The stream.
    #[param(inline)]
    stream: StreamId,
    /// The epoch in which the mirror is valid.
    epoch: String,
    /// The term of the caller's membership; 0 for streams other than conversations.
    #[serde(default)]
    #[param(required = false)]
    term: i64,
    /// The cursor of the previous page, 0 at first; without it, everything is returned as one page.
    #[param(required = false)]
    since: Option<i64>,
}

/// Returns everything in a stream except messages, from one snapshot: one page up to its head or, with
/// `since`, as much as fits of what is newer.
#[utoipa::path(
    get,
    path = "/v1/state",
    tag = "sync",
    params(StateQuery),
    responses((status = 200, body = Page), ApiError),
    security(("token" = [])),
)]
pub async fn state(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<StateQuery>,
) -> Result<LargeResponse, ApiError> {
    let StateQuery { stream, epoch, term, since } = query;
    if let Some(since) = since {
        let cursor = Cursor { stream, epoch, term, since };
        let page_limits = PageLimits::requested(limits::PAGE_ROWS, None);
        return respond(&app, caller.user_id, move |tx| {
            Box::pin(
                async move { reads::state_after(tx, caller.user_id, &cursor, page_limits).await },
            )
        })
        .await;
    }
    respond(&app, caller.user_id, move |tx| {
        Box::pin(async move { reads::state(tx, caller.user_id, stream, (&epoch, term)).await })
    })
    .await
}

/// Returns the digest of everything in a stream except messages, for comparison with a mirror.
#[utoipa::path(
    get,
    path = "/v1/state/digest",
    tag = "sync",
    params(StateDigestQuery),
    responses((status = 200, body = Digest), ApiError),
    security(("token" = [])),
)]
pub async fn state_digest(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<StateDigestQuery>,
) -> Result<LargeResponse, ApiError> {
    let StateDigestQuery { stream, epoch, term } = query;
    respond(&app, caller.user_id, move |tx| {
        Box::pin(
            async move { reads::state_digest(tx, caller.user_id, stream, (&epoch, term)).await },
        )
    })
    .await
}
