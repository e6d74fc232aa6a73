//! Older messages, and what a message said before.

use super::answer::Answer;
use super::client::Http;
use parlour_protocol::{EarlierBody, ErrorBody, ErrorCode, History, MessageId, Row, StreamId};
use parlour_sync::{Fetch, FetchKind};
use reqwest::Method;

/// Older messages in one page.
const HISTORY_ROWS: i64 = 1000;
/// Pages that are stored together. Where older messages are put before those held, pages of the file stay
/// half full; twice as many at a time save 6% of it.
const HISTORY_PAGES: usize = 2;

impl Http {
    /// Older messages, two pages of so many bytes at most; one if the second cannot be had.
    pub async fn history(&self, fetch: &Fetch, epoch: &str, bytes: usize) -> Answer<History> {
        let mut history = self.history_page(fetch, epoch, bytes).await?;
        for _ in 1..HISTORY_PAGES {
            let seqs = history.rows.iter().filter_map(|row| match row {
                Row::Message(row) => Some(row.seq.0),
                _ => None,
            });
            let Some(before) = seqs.min().filter(|seq| *seq > 1) else { break };
            let fetch = Fetch { kind: FetchKind::History { before }, ..*fetch };
            match self.history_page(&fetch, epoch, bytes).await {
                Ok(older) if goes_on(&history, &older, before) => history.rows.extend(older.rows),
                // What has come is kept; the engine asks for the rest, and hears then why not.
                _ => break,
            }
        }
        Ok(history)
    }

    async fn history_page(&self, fetch: &Fetch, epoch: &str, bytes: usize) -> Answer<History> {
        let (StreamId::Conversation(id), FetchKind::History { before }) =
            (fetch.stream, fetch.kind)
        else {
            return Err(misused());
        };
        let query = [
            ("conversation", id.to_string()),
            ("epoch", epoch.into()),
            ("term", fetch.term.to_string()),
            ("before", before.to_string()),
            ("limit", HISTORY_ROWS.to_string()),
            ("bytes", bytes.to_string()),
        ];
        self.get("history", &query).await
    }

    /// What a message said before.
    pub async fn edits(&self, id: MessageId) -> Answer<Vec<EarlierBody>> {
        self.call(self.request(Method::GET, &format!("messages/{id}/edits"))?).await
    }
}

/// Whether a page is the one asked for, of the same stretch of history.
fn goes_on(history: &History, older: &History, before: i64) -> bool {
    let of = |page: &History| (page.epoch.clone(), page.stream, page.term);
    of(older) == of(history) && older.before == before
}

fn misused() -> ErrorBody {
    ErrorBody::new(ErrorCode::Internal, "the engine asked for what this stream does not have")
}
