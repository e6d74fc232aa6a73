//! What changed in a stream since a cursor.

use super::access::check_access;
use super::cursor::Cursor;
use super::page::{self, Kinds, PageLimits};
use crate::db::Tx;
use crate::epoch;
use crate::error::ApiError;
use crate::queries::streams;
use parlour_protocol::{ErrorCode, Page, Row, StreamId, UserId};

/// What changed in a stream after a cursor: what an answer holds, never part of a change, and one
/// change at least.
pub async fn changes(
    tx: &Tx,
    caller: UserId,
    cursor: &Cursor,
    limits: PageLimits,
) -> Result<Page, ApiError> {
    epoch::check(tx, &cursor.epoch)?;
    let first = check_access(tx, caller, cursor.stream, cursor.term).await?;
    let head = streams::head(tx, cursor.stream).await?;
    if cursor.since > head {
        return Err(ApiError::new(ErrorCode::CursorAhead, "This cursor is ahead of the stream."));
    }
    let from = cursor.since.max(0);
    if let StreamId::Account(user) = cursor.stream
        && from > 0
        && from < streams::floor(tx, user).await?
    {
        return Err(ApiError::new(ErrorCode::CursorOld, "This cursor is too old; start again."));
    }
    let kinds = (cursor.stream, Kinds::All);
    let (mut rows, to) = page::read(tx, caller, kinds, (from, head), limits).await?;
    // What was said before one joined is not the caller's to see.
    rows.retain(|row| !matches!(row, Row::Message(message) if message.seq.0 < first));
    let (epoch, stream, term) = (tx.epoch(), cursor.stream, cursor.term);
    Ok(Page { epoch, stream, term, from, to, head, rows })
}
