//! Fetches the missing data of streams, and their state except messages, in as many pages as necessary.

use super::server::{Server, ServerResult};
use parlour_protocol::{Bootstrap, ErrorBody, ErrorCode, Page, PulledStream, Row};
use parlour_store::StreamCursor;
use parlour_sync::Fetch;

/// Maximum number of pages of the state of one stream.
const PAGES: usize = 10_000;

/// Returns the missing data of streams; each bootstrap contains all members.
pub(super) async fn pull(
    server: &impl Server,
    fetches: &[Fetch],
    epoch: &str,
    max_bytes: usize,
) -> ServerResult<Vec<PulledStream>> {
    let mut all = server.pull(fetches, epoch, max_bytes).await?.answers;
    for pulled in &mut all {
        if let PulledStream::Bootstrap(bootstrap) = pulled
            && let Err(error) = add_members(server, bootstrap).await
        {
            *pulled = PulledStream::Error(error);
        }
    }
    Ok(all)
}

/// Adds the members that a bootstrap does not contain.
async fn add_members(server: &impl Server, bootstrap: &mut Bootstrap) -> ServerResult<()> {
    let Some(since) = bootstrap.members_cursor.take() else { return Ok(()) };
    let applied =
        StreamCursor { stream: bootstrap.stream, term: bootstrap.term, cursor: bootstrap.head };
    let rows = since_change(server, &applied, &bootstrap.epoch, since).await?.rows;
    bootstrap.rows.extend(rows.into_iter().filter(|row| matches!(row, Row::Member(_))));
    Ok(())
}

/// Returns the state of a stream since a change, except messages, with the rows of all pages in one.
pub(super) async fn since_change(
    server: &impl Server,
    applied: &StreamCursor,
    epoch: &str,
    since: i64,
) -> ServerResult<Page> {
    let mut merged: Option<Page> = None;
    for _ in 0..PAGES {
        let since = merged.as_ref().map_or(since, |page| page.to);
        let page = server.state(applied, epoch, since).await?;
        let is_last = page.to >= page.head;
        if page.from != since || (page.to <= since && !is_last) {
            break;
        }
        let rows = merged.take().map(|page| page.rows).unwrap_or_default();
        let rows = rows.into_iter().chain(page.rows).collect();
        let page = Page { rows, ..page };
        if is_last {
            return Ok(page);
        }
        merged = Some(page);
    }
    Err(ErrorBody::new(ErrorCode::Retry, "the server's pages do not continue each other"))
}
