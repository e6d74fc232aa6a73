//! The changes in a stream since a cursor.

use super::access::check_access;
use super::cursor::Cursor;
use super::page::{self, Kinds, PageLimits};
use crate::db::Tx;
use crate::epoch;
use crate::error::ApiError;
use crate::queries::streams;
use parlour_protocol::{ErrorCode, Page, Row, StreamId, UserId};

/// Returns the changes in a stream after a cursor: as many as fit into a response, never part of a change,
/// and at least one change.
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
        return Err(ApiError::new(
            ErrorCode::CursorOld,
            "This cursor is too old; fetch the stream from the beginning.",
        ));
    }
    let kinds = (cursor.stream, Kinds::All);
    let (mut rows, to) = page::read(tx, caller, kinds, (from, head), limits).await?;
    // The caller may not see messages from before they joined.
    rows.retain(|row| !matches!(row, Row::Message(message) if message.seq.0 < first));
    let (epoch, stream, term) = (tx.epoch(), cursor.stream, cursor.term);
    Ok(Page { epoch, stream, term, from, to, head, rows })
}
