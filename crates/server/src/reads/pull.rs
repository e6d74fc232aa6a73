//! The changes of many streams in one response.

use super::bootstrap::bootstrap;
use super::changes::changes;
use super::cursor::Cursor;
use super::page::PageLimits;
use crate::db::Tx;
use crate::error::ApiError;
use parlour_protocol::{
    ErrorClass, Pull, PullStream, Pulled, PulledStream, Row, StreamId, UserId, limits, row_bytes,
};

/// Returns the changes or the bootstrap of several streams: as many streams, in the requested order, as fit into a
/// response, but always the first.
pub async fn pull(
    tx: &Tx,
    caller: UserId,
    request: &Pull,
    limit: i64,
    newest: i64,
) -> Result<Pulled, ApiError> {
    if request.streams.len() > limits::PULL_STREAMS {
        return Err(ApiError::invalid(format!(
            "A pull names at most {} streams.",
            limits::PULL_STREAMS
        )));
    }
    let mut remaining = PageLimits {
        rows: limits::PAGE_ROWS,
        bytes: PageLimits::requested(0, request.bytes).bytes,
    };
    let mut results = Vec::new();
    for requested in &request.streams {
        let page_limits =
            (PageLimits { rows: limit, ..remaining }, PageLimits { rows: newest, ..remaining });
        let result = pull_one(tx, caller, &request.epoch, requested, page_limits).await;
        let result = match result {
            // An error of the server itself concerns all streams.
            Err(error) if error.code.class() == ErrorClass::Retry => return Err(error),
            result => result.unwrap_or_else(|error| PulledStream::Error(error.into())),
        };
        let rows: &[Row] = match &result {
            PulledStream::Page(page) => &page.rows,
            PulledStream::Bootstrap(bootstrap) => &bootstrap.rows,
            PulledStream::Error(_) => &[],
        };
        let (count, bytes) = (rows.len(), rows.iter().map(row_bytes).sum::<usize>());
        // The client requests what does not fit again, and then it is the first.
        if bytes > remaining.bytes && !results.is_empty() {
            break;
        }
        remaining.rows -= i64::try_from(count).unwrap_or(i64::MAX);
        remaining.bytes = remaining.bytes.saturating_sub(bytes);
        results.push(result);
        if remaining.rows <= 0 || remaining.bytes == 0 {
            break;
        }
    }
    Ok(Pulled { answers: results })
}

async fn pull_one(
    tx: &Tx,
    caller: UserId,
    epoch: &str,
    requested: &PullStream,
    (page_limits, newest): (PageLimits, PageLimits),
) -> Result<PulledStream, ApiError> {
    match (requested.since, requested.stream) {
        (None, StreamId::Conversation(id)) => {
            Ok(PulledStream::Bootstrap(bootstrap(tx, caller, id, newest).await?))
        }
        (since, stream) => {
            let (epoch, since) = (epoch.to_owned(), since.unwrap_or(0));
            let cursor = Cursor { stream, epoch, term: requested.term, since };
            Ok(PulledStream::Page(changes(tx, caller, &cursor, page_limits).await?))
        }
    }
}
