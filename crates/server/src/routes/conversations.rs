//! Routes for a conversation's bootstrap, history and digest.

use super::extract::Query;
use super::respond::{LargeResponse, respond};
use crate::app::App;
use crate::caller::Caller;
use crate::error::ApiError;
use crate::reads::{self, HistoryRange, PageLimits};
use axum::extract::State;
use parlour_protocol::{Bootstrap, ConversationId, Digest, History, limits};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

/// The number of messages in a bootstrap: a little more than fills a screen.
pub const NEWEST: i64 = 50;

/// A conversation.
#[derive(Deserialize, IntoParams)]
pub struct BootstrapQuery {
    /// The conversation.
    conversation: Uuid,
    /// The largest number of bytes of rows, as JSON; without it, the server's own limit.
    #[param(required = false)]
    bytes: Option<usize>,
}

/// Returns what a mirror needs to start with a conversation: the conversation itself, its members and its newest
/// messages.
#[utoipa::path(
    get,
    path = "/v1/bootstrap",
    tag = "sync",
    params(BootstrapQuery),
    responses((status = 200, body = Bootstrap), ApiError),
    security(("token" = [])),
)]
pub async fn bootstrap(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<BootstrapQuery>,
) -> Result<LargeResponse, ApiError> {
    let id = ConversationId(query.conversation);
    let newest = PageLimits::requested(NEWEST, query.bytes);
    respond(&app, caller.user_id, move |tx| {
        Box::pin(reads::bootstrap(tx, caller.user_id, id, newest))
    })
    .await
}

/// A range of a conversation's messages.
#[derive(Deserialize, IntoParams)]
pub struct HistoryQuery {
    /// The conversation.
    conversation: Uuid,
    /// The epoch in which the mirror is valid.
    epoch: String,
    /// The term of the caller's membership.
    term: i64,
    /// The position below which the messages are.
    before: i64,
    /// The largest number of messages, up to 1000.
    limit: i64,
    /// The largest number of bytes of rows, as JSON; without it, the server's own limit.
    #[param(required = false)]
    bytes: Option<usize>,
}

/// Returns older messages, newest first.
#[utoipa::path(
    get,
    path = "/v1/history",
    tag = "sync",
    params(HistoryQuery),
    responses((status = 200, body = History), ApiError),
    security(("token" = [])),
)]
pub async fn history(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<HistoryQuery>,
) -> Result<LargeResponse, ApiError> {
    let HistoryQuery { conversation, epoch, term, before, limit, bytes } = query;
    let conversation = ConversationId(conversation);
    let page_limits = PageLimits::requested(limit.clamp(1, limits::PAGE_ROWS), bytes);
    let request = HistoryRange { conversation, epoch, term, before, limits: page_limits };
    respond(&app, caller.user_id, move |tx| {
        Box::pin(async move { reads::history(tx, caller.user_id, &request).await })
    })
    .await
}

/// A range of a conversation's messages, by its first and last position.
#[derive(Deserialize, IntoParams)]
pub struct DigestQuery {
    /// The conversation.
    conversation: Uuid,
    /// The epoch in which the mirror is valid.
    epoch: String,
    /// The term of the caller's membership.
    term: i64,
    /// The first position.
    low: i64,
    /// The last position, which is at most `low` + 999.
    high: i64,
}

/// Returns the digest of a range of messages, for comparison with a mirror.
#[utoipa::path(
    get,
    path = "/v1/digest",
    tag = "sync",
    params(DigestQuery),
    responses((status = 200, body = Digest), ApiError),
    security(("token" = [])),
)]
pub async fn digest(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<DigestQuery>,
) -> Result<LargeResponse, ApiError> {
    let DigestQuery { conversation, epoch, term, low, high } = query;
    let limit = high.saturating_sub(low).saturating_add(1);
    if !(1..=limits::PAGE_ROWS).contains(&limit) {
        return Err(ApiError::invalid("A digest is of 1 to 1,000 positions."));
    }
    let (conversation, before) = (ConversationId(conversation), high.saturating_add(1));
    let page_limits = PageLimits::requested(limit, None);
    let request = HistoryRange { conversation, epoch, term, before, limits: page_limits };
    respond(&app, caller.user_id, move |tx| {
        Box::pin(async move { reads::digest(tx, caller.user_id, &request, low).await })
    })
    .await
}
