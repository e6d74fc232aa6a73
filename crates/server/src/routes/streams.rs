//! What moved, and how: heads and changes.

use super::{Json, Query};
use crate::app::App;
use crate::auth::Caller;
use crate::db::Tx;
use crate::error::ApiError;
use crate::queries::{conversations, instance, members, messages, sessions, streams, users};
use axum::extract::State;
use parlour_protocol::{ConversationId, ErrorCode, Heads, Page, Row, StreamId, UserId, limits};
use serde::Deserialize;

/// Asks for heads.
#[derive(Deserialize)]
pub struct HeadsQuery {
    #[serde(default)]
    wm: i64,
}

/// `GET /v1/heads?wm=W`
pub async fn heads(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<HeadsQuery>,
) -> Result<Json<Heads>, ApiError> {
    let tx = app.db.read().await?;
    let wm = instance::wm(&tx).await?;
    // A watermark from a future that was rolled back: everything may have moved.
    let since = if query.wm > wm { 0 } else { query.wm.max(0) };
    let heads = streams::heads(&tx, caller.user_id, since).await?;
    Ok(Json(Heads { epoch: tx.epoch().into(), wm, heads }))
}

/// Where a mirror stands in a stream.
#[derive(Deserialize)]
pub struct ChangesQuery {
    stream: StreamId,
    epoch: String,
    #[serde(default)]
    term: i64,
    since: i64,
}

/// `GET /v1/changes?stream&epoch&term&since`: one page, from one snapshot.
pub async fn changes(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<ChangesQuery>,
) -> Result<Json<Page>, ApiError> {
    let tx = app.db.read().await?;
    check_epoch(&tx, &query.epoch)?;
    check_access(&tx, caller.user_id, query.stream, query.term).await?;
    let head = streams::head(&tx, query.stream).await?;
    if query.since > head {
        return Err(ApiError::new(ErrorCode::CursorAhead, "This cursor is ahead of the stream."));
    }
    let from = query.since.max(0);
    let (rows, to) = page(&tx, query.stream, from, head).await?;
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

/// Refuses a stream that is not the caller's to read, and a term that is over.
async fn check_access(
    tx: &Tx,
    caller: UserId,
    stream: StreamId,
    term: i64,
) -> Result<(), ApiError> {
    match stream {
        StreamId::Directory => Ok(()),
        StreamId::Account(owner) if owner == caller => Ok(()),
        StreamId::Account(_) => Err(ApiError::gone("stream")),
        StreamId::Conversation(id) => check_term(tx, caller, id, term).await,
    }
}

/// Refuses who is not in the conversation, and a term that is over.
pub async fn check_term(
    tx: &Tx,
    caller: UserId,
    conversation: ConversationId,
    term: i64,
) -> Result<(), ApiError> {
    let place = members::require(tx, conversation, caller).await?;
    if place.membership.term == term {
        return Ok(());
    }
    Err(ApiError::new(ErrorCode::Term, "You joined this conversation anew; start it again."))
}

/// The rows of (from, to], and `to`: the head, or less if there are more than fit.
async fn page(
    tx: &Tx,
    stream: StreamId,
    from: i64,
    head: i64,
) -> Result<(Vec<Row>, i64), ApiError> {
    let limit = limits::PAGE_ROWS;
    // One more than fits tells whether anything is cut.
    let ask = limit + 1;
    let mut rows = match stream {
        StreamId::Directory => {
            users::changed(tx, from, ask).await?.into_iter().map(Row::User).collect()
        }
        StreamId::Account(user) => {
            let memberships = members::changed_of_account(tx, user, from, ask).await?;
            let sessions = sessions::changed(tx, user, from, ask).await?;
            let memberships = memberships.into_iter().map(Row::Membership);
            memberships.chain(sessions.into_iter().map(Row::Session)).collect()
        }
        StreamId::Conversation(id) => {
            let messages = messages::changed(tx, id, from, ask).await?;
            let members = members::changed(tx, id, from, ask).await?;
            let found = conversations::find(tx, id).await?;
            let itself = found.filter(|found| found.row.changed_seq > from);
            let mut rows: Vec<Row> =
                itself.into_iter().map(|found| Row::Conversation(found.row)).collect();
            rows.extend(members.into_iter().map(Row::Member));
            rows.extend(messages.into_iter().map(Row::Message));
            rows
        }
    };
    rows.sort_by_key(Row::changed_seq);
    let to = cut(&mut rows, usize::try_from(limit).expect("a small number"), head);
    Ok((rows, to))
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
    use parlour_protocol::UserRow;
    use uuid::Uuid;

    fn rows(changes: &[i64]) -> Vec<Row> {
        let row =
            |changed_seq| UserRow { id: UserId(Uuid::nil()), username: String::new(), changed_seq };
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
