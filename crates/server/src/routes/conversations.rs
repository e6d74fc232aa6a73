//! A conversation's newest page, its history, and its digest.

use super::extract::Query;
use super::respond::{Written, respond};
use crate::app::App;
use crate::caller::Caller;
use crate::error::ApiError;
use crate::reads::{self, HistoryRange, PageLimits};
use axum::extract::State;
use parlour_protocol::{Bootstrap, ConversationId, Digest, History, limits};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

/// Messages in a bootstrap: a screenful and some.
pub const NEWEST: i64 = 50;

/// Names a conversation.
#[derive(Deserialize, IntoParams)]
pub struct BootstrapQuery {
    /// Which.
    conversation: Uuid,
    /// Most bytes of rows, as JSON; as many as the server gives if left out.
    #[param(required = false)]
    bytes: Option<usize>,
}

/// A conversation's beginning for a mirror: itself, its members and its newest messages.
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
) -> Result<Written, ApiError> {
    let id = ConversationId(query.conversation);
    let newest = PageLimits::requested(NEWEST, query.bytes);
    respond(&app, move |tx| Box::pin(reads::bootstrap(tx, caller.user_id, id, newest))).await
}

/// Names a stretch of a conversation.
#[derive(Deserialize, IntoParams)]
pub struct HistoryQuery {
    /// Which.
    conversation: Uuid,
    /// In which state of the server the mirror counts.
    epoch: String,
    /// One's join of the conversation.
    term: i64,
    /// Messages below this position.
    before: i64,
    /// At most so many, up to 1000.
    limit: i64,
    /// Most bytes of rows, as JSON; as many as the server gives if left out.
    #[param(required = false)]
    bytes: Option<usize>,
}

/// Older messages, newest first.
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
) -> Result<Written, ApiError> {
    let HistoryQuery { conversation, epoch, term, before, limit, bytes } = query;
    let conversation = ConversationId(conversation);
    let most = PageLimits::requested(limit.clamp(1, limits::PAGE_ROWS), bytes);
    let asked = HistoryRange { conversation, epoch, term, before, limits: most };
    respond(&app, move |tx| {
        Box::pin(async move { reads::history(tx, caller.user_id, &asked).await })
    })
    .await
}

/// Names a stretch of a conversation by its ends.
#[derive(Deserialize, IntoParams)]
pub struct DigestQuery {
    /// Which.
    conversation: Uuid,
    /// In which state of the server the mirror counts.
    epoch: String,
    /// One's join of the conversation.
    term: i64,
    /// The first position.
    low: i64,
    /// The last one, at most 999 further.
    high: i64,
}

/// The digest of a stretch, to compare a mirror with.
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
) -> Result<Written, ApiError> {
    let DigestQuery { conversation, epoch, term, low, high } = query;
    let limit = high.saturating_sub(low).saturating_add(1);
    if !(1..=limits::PAGE_ROWS).contains(&limit) {
        return Err(ApiError::invalid("A digest is of 1 to 1,000 positions."));
    }
    let (conversation, before) = (ConversationId(conversation), high.saturating_add(1));
    let most = PageLimits::requested(limit, None);
    let asked = HistoryRange { conversation, epoch, term, before, limits: most };
    respond(&app, move |tx| {
        Box::pin(async move { reads::digest(tx, caller.user_id, &asked, low).await })
    })
    .await
}
