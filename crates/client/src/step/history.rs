//! Fetches older messages, several pages at once.

use super::server::{Server, ServerResult};
use parlour_protocol::{History, Row};
use parlour_sync::{Fetch, FetchKind};

/// Number of pages that are stored together. Where older messages are inserted before existing ones,
/// pages of the file stay half full; inserting twice as many at a time saves 6% of it.
const PAGES: usize = 2;

/// Returns older messages: two pages of at most `bytes` each, or one if the second cannot be fetched.
pub(super) async fn pages(
    server: &impl Server,
    fetch: &Fetch,
    epoch: &str,
    max_bytes: usize,
) -> ServerResult<History> {
    let mut history = server.history(fetch, epoch, max_bytes).await?;
    for _ in 1..PAGES {
        let seqs = history.rows.iter().filter_map(|row| match row {
            Row::Message(row) => Some(row.seq.0),
            _ => None,
        });
        let Some(before) = seqs.min().filter(|seq| *seq > 1) else { break };
        let fetch = Fetch { kind: FetchKind::History { before }, ..*fetch };
        match server.history(&fetch, epoch, max_bytes).await {
            Ok(older) if continues(&history, &older, before) => history.rows.extend(older.rows),
            // The received page is used. The engine requests the rest, and gets the error then.
            _ => break,
        }
    }
    Ok(history)
}

/// Returns whether a page is the requested one, and of the same history.
fn continues(history: &History, older: &History, before: i64) -> bool {
    let key = |page: &History| (page.epoch.clone(), page.stream, page.term);
    key(older) == key(history) && older.before == before
}
