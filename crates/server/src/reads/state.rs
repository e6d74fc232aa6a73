//! The rows of a stream except messages, for a new mirror or for comparison with an existing one.

use super::access::check_access;
use super::cursor::Cursor;
use super::page::{self, Kinds, PageLimits};
use crate::db::Tx;
use crate::epoch;
use crate::error::ApiError;
use crate::queries::streams;
use parlour_protocol::{Digest, ErrorCode, Page, Row, RowsDigester, StreamId, UserId, limits};

/// Returns everything in a stream except messages, as one page up to its head. If the stream has too many rows for
/// that, it has to be requested in several pages: see [`state_after`].
pub async fn state(
    tx: &Tx,
    caller: UserId,
    stream: StreamId,
    (epoch, term): (&str, i64),
) -> Result<Page, ApiError> {
    let cursor = Cursor { stream, epoch: epoch.into(), term, since: 0 };
    let page = state_after(tx, caller, &cursor, PageLimits::STATE).await?;
    if page.to == page.head {
        return Ok(page);
    }
    let message = "This state is too large for one response. Request it in several pages.";
    Err(ApiError::new(ErrorCode::TooLarge, message))
}

/// Returns what is newer than a cursor in a stream, except messages: as many changes as fit into a response, never
/// part of a change, and at least one change. All pages with the same head together are the state at that head.
pub async fn state_after(
    tx: &Tx,
    caller: UserId,
    cursor: &Cursor,
    page_limits: PageLimits,
) -> Result<Page, ApiError> {
    let Cursor { stream, epoch, term, since } = cursor;
    epoch::check(tx, epoch)?;
    check_access(tx, caller, *stream, *term).await?;
    let head = streams::head(tx, *stream).await?;
    let from = (*since).clamp(0, head);
    let (mut rows, to) =
        page::read(tx, caller, (*stream, Kinds::State), (from, head), page_limits).await?;
    // The end of a session is announced once as a change; after that neither the state nor mirrors contain the
    // session.
    rows.retain(|row| !matches!(row, Row::Session(row) if row.revoked_at.is_some()));
    Ok(Page { epoch: tx.epoch(), stream: *stream, term: *term, from, to, head, rows })
}

/// Returns the digest of [`state`], however large that is.
pub async fn state_digest(
    tx: &Tx,
    caller: UserId,
    stream: StreamId,
    (epoch, term): (&str, i64),
) -> Result<Digest, ApiError> {
    let mut digester = RowsDigester::default();
    let mut cursor = Cursor { stream, epoch: epoch.into(), term, since: 0 };
    loop {
        let page = state_after(tx, caller, &cursor, PageLimits::requested(limits::PAGE_ROWS, None))
            .await?;
        digester.add(&page.rows);
        if page.to >= page.head {
            let (count, sha256) = digester.finish();
            return Ok(Digest { epoch: page.epoch, head: page.head, count, sha256 });
        }
        cursor.since = page.to;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::queries::users;
    use parlour_protocol::{Millis, UserRole};
    use uuid::Uuid;

    #[tokio::test]
    async fn the_digest_of_a_large_state_is_that_of_all_its_pages() {
        let tx = crate::db::in_memory("e", None).unwrap();
        let (wren, directory) = (UserId(Uuid::from_u128(1)), StreamId::Directory);
        for n in 1..=2500 {
            let (id, name) = (UserId(Uuid::from_u128(n)), format!("user-{n}"));
            users::insert(&tx, id, &name, "!", UserRole::Member, Millis(0)).await.unwrap();
        }
        let mut cursor = Cursor { stream: directory, epoch: "e".into(), term: 0, since: 0 };
        let (mut rows, mut pages) = (Vec::new(), 0);
        let page_limits = PageLimits::requested(limits::PAGE_ROWS, None);
        while cursor.since < 2500 {
            let page = state_after(&tx, wren, &cursor, page_limits).await.unwrap();
            assert_eq!((page.from, page.head), (cursor.since, 2500));
            cursor.since = page.to;
            rows.extend(page.rows);
            pages += 1;
        }
        assert_eq!((rows.len(), pages), (2500, 3));
        let digest = state_digest(&tx, wren, directory, ("e", 0)).await.unwrap();
        assert_eq!((digest.count, digest.sha256), parlour_protocol::rows_digest(&rows));
        assert_eq!(state(&tx, wren, directory, ("e", 0)).await.unwrap().rows, rows);
    }
}
