//! A conversation's newest page and its history.

use super::streams::{check_epoch, check_term};
use super::{Json, Query};
use crate::app::App;
use crate::auth::Caller;
use crate::error::ApiError;
use crate::queries::{conversations, members, messages, streams};
use axum::extract::State;
use parlour_protocol::{Bootstrap, ConversationId, History, Row, StreamId, limits};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

/// Messages in a bootstrap: a screenful and some.
const NEWEST: i64 = 50;

/// Names a conversation.
#[derive(Deserialize, IntoParams)]
pub struct BootstrapQuery {
    /// Which.
    conversation: Uuid,
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
) -> Result<Json<Bootstrap>, ApiError> {
    let id = ConversationId(query.conversation);
    let tx = app.db.read().await?;
    let place = members::require(&tx, id, caller.user_id).await?;
    let found = conversations::find(&tx, id).await?.ok_or_else(ApiError::not_member)?;
    let stream = StreamId::Conversation(id);
    let head = streams::head(&tx, stream).await?;
    let first = place.membership.visible_from;
    let members = members::changed(&tx, id, (0, i64::MAX), found.shows_reads()).await?;
    let mut rows = vec![Row::Conversation(found.row)];
    rows.extend(members.into_iter().map(Row::Member));
    let newest = messages::before(&tx, id, i64::MAX, first, NEWEST).await?;
    rows.extend(newest.into_iter().map(Row::Message));
    let epoch = tx.epoch().into();
    let term = place.membership.term;
    Ok(Json(Bootstrap { epoch, stream, term, head, last_seq: found.last_seq, rows }))
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
) -> Result<Json<History>, ApiError> {
    let id = ConversationId(query.conversation);
    let tx = app.db.read().await?;
    check_epoch(&tx, &query.epoch)?;
    let place = check_term(&tx, caller.user_id, id, query.term).await?;
    let (first, limit) = (place.membership.visible_from, query.limit.clamp(1, limits::PAGE_ROWS));
    let rows = messages::before(&tx, id, query.before, first, limit).await?;
    Ok(Json(History {
        epoch: tx.epoch().into(),
        stream: StreamId::Conversation(id),
        term: query.term,
        before: query.before,
        rows: rows.into_iter().map(Row::Message).collect(),
    }))
}
