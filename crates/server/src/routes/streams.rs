//! What moved, and how: heads and changes.

use super::{Json, Query};
use crate::app::App;
use crate::auth::Caller;
use crate::db::Tx;
use crate::error::ApiError;
use crate::queries::members::Place;
use crate::queries::{account, conversations, members, messages, sessions, streams, users};
use axum::extract::State;
use parlour_protocol::{ConversationId, ErrorCode, Heads, Page, Row, StreamId, UserId, limits};
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
    let tx = app.db.read().await?;
    let wm = tx.wm().await?;
    // A watermark from a future that was rolled back: everything may have moved.
    let since = if query.wm > wm { 0 } else { query.wm.max(0) };
    let heads = streams::heads(&tx, caller.user_id, since, wm).await?;
    Ok(Json(Heads { epoch: tx.epoch().into(), wm, heads }))
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
    let tx = app.db.read().await?;
    check_epoch(&tx, &query.epoch)?;
    let first = check_access(&tx, caller.user_id, query.stream, query.term).await?;
    let head = streams::head(&tx, query.stream).await?;
    if query.since > head {
        return Err(ApiError::new(ErrorCode::CursorAhead, "This cursor is ahead of the stream."));
    }
    let from = query.since.max(0);
    let (rows, to) = page(&tx, query.stream, from, head, first).await?;
    Ok(Json(Page {
        epoch: tx.epoch().into(),
        stream: query.stream,
        term: query.term,
        from,
        to,
        head,
        rows,
    }))
}

/// Refuses a cursor from before a restore.
pub fn check_epoch(tx: &Tx, epoch: &str) -> Result<(), ApiError> {
    if epoch == tx.epoch() {
        return Ok(());
    }
    Err(ApiError::new(ErrorCode::Epoch, "The server was restored; start again from its heads."))
}

/// Refuses a stream that is not the caller's to read, and a term that is over; answers the first
/// message that they may see.
async fn check_access(
    tx: &Tx,
    caller: UserId,
    stream: StreamId,
    term: i64,
) -> Result<i64, ApiError> {
    match stream {
        StreamId::Directory => Ok(0),
        StreamId::Account(owner) if owner == caller => Ok(0),
        StreamId::Account(_) => Err(ApiError::gone("stream")),
        StreamId::Conversation(id) => {
            Ok(check_term(tx, caller, id, term).await?.membership.visible_from)
        }
    }
}

/// Refuses who is not in the conversation, and a term that is over.
pub async fn check_term(
    tx: &Tx,
    caller: UserId,
    conversation: ConversationId,
    term: i64,
) -> Result<Place, ApiError> {
    let place = members::require(tx, conversation, caller).await?;
    if place.membership.term == term {
        return Ok(place);
    }
    Err(ApiError::new(ErrorCode::Term, "You joined this conversation anew; start it again."))
}

/// The rows of (from, to], and `to`: the head, or less if there are more than fit. Messages below
/// `first` are not the caller's to see.
async fn page(
    tx: &Tx,
    stream: StreamId,
    from: i64,
    head: i64,
    first: i64,
) -> Result<(Vec<Row>, i64), ApiError> {
    let limit = limits::PAGE_ROWS;
    // One more than fits tells whether anything is cut.
    let ask = limit + 1;
    let mut rows: Vec<Row> = match stream {
        StreamId::Directory => {
            users::changed(tx, from, ask).await?.into_iter().map(Row::User).collect()
        }
        StreamId::Account(user) => of_account(tx, user, from, ask).await?,
        StreamId::Conversation(id) => of_conversation(tx, id, from, ask).await?,
    };
    rows.sort_by_key(Row::changed_seq);
    let to = cut(&mut rows, usize::try_from(limit).expect("a small number"), head);
    rows.retain(|row| !matches!(row, Row::Message(message) if message.seq.0 < first));
    Ok((rows, to))
}

async fn of_account(tx: &Tx, user: UserId, from: i64, ask: i64) -> Result<Vec<Row>, ApiError> {
    let memberships = members::changed_of_account(tx, user, from, ask).await?;
    let sessions = sessions::changed(tx, user, from, ask).await?;
    let drafts = account::drafts_changed(tx, user, from, ask).await?;
    let saved = account::saved_changed(tx, user, from, ask).await?;
    let settings = account::settings_changed(tx, user, from, ask).await?;
    let mut rows: Vec<Row> = memberships.into_iter().map(Row::Membership).collect();
    rows.extend(sessions.into_iter().map(Row::Session));
    rows.extend(drafts.into_iter().map(Row::Draft));
    rows.extend(saved.into_iter().map(Row::Saved));
    rows.extend(settings.into_iter().map(Row::Setting));
    Ok(rows)
}

async fn of_conversation(
    tx: &Tx,
    id: ConversationId,
    from: i64,
    ask: i64,
) -> Result<Vec<Row>, ApiError> {
    let messages = messages::changed(tx, id, from, ask).await?;
    let found = conversations::find(tx, id).await?;
    let with_reads = found.as_ref().is_some_and(conversations::Found::shows_reads);
    let members = members::changed(tx, id, (from, ask), with_reads).await?;
    let itself = found.filter(|found| found.row.changed_seq > from);
    let mut rows: Vec<Row> = itself.into_iter().map(|found| Row::Conversation(found.row)).collect();
    rows.extend(members.into_iter().map(Row::Member));
    rows.extend(messages.into_iter().map(Row::Message));
    Ok(rows)
}

/// Keeps what fits, never part of a change, and answers how far that reaches.
fn cut(rows: &mut Vec<Row>, limit: usize, head: i64) -> i64 {
    let Some(first_left_out) = rows.get(limit).map(Row::changed_seq) else { return head };
    rows.truncate(limit);
    let whole = rows.partition_point(|row| row.changed_seq() < first_left_out);
    rows.truncate(whole);
    first_left_out - 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use parlour_protocol::{UserRole, UserRow};
    use uuid::Uuid;

    fn rows(changes: &[i64]) -> Vec<Row> {
        let row = |seq| UserRow::new(UserId(Uuid::nil()), "", UserRole::Member, seq);
        changes.iter().map(|seq| Row::User(row(*seq))).collect()
    }

    #[test]
    fn a_page_never_ends_in_the_middle_of_a_change() {
        let mut page = rows(&[1, 2, 3, 3, 3, 4]);
        assert_eq!(cut(&mut page, 4, 9), 2);
        assert_eq!(page, rows(&[1, 2]));
        let mut page = rows(&[1, 2]);
        assert_eq!(cut(&mut page, 4, 9), 9);
    }
}
