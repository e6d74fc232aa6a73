//! Compares a section of the mirror with the server, and repairs it where it differs.

use super::server::{Server, ServerResult};
use super::{history, state};
use crate::context::local::LocalContext;
use crate::effects::{self, storage_failed};
use crate::index;
use crate::notice::Notice;
use crate::stored_section::{self, StoredSection};
use parlour_protocol::{Row, StreamId, limits};
use parlour_store::Changes;
use parlour_sync::{Fetch, FetchKind, Section};
use tokio::task::block_in_place;

/// Compares a section with the server, and repairs it where it differs. Returns the position of its first
/// message, or `None` if it has none.
///
/// # Errors
/// Fails if the server does not respond, if the stream has changed since, or if a file cannot be read or
/// written.
pub(super) async fn compare(
    local: &LocalContext,
    server: &impl Server,
    section: Section,
    epoch: &str,
) -> ServerResult<Option<i64>> {
    let mirror = &local.store.mirror;
    let found = block_in_place(|| StoredSection::read(mirror, section)).map_err(storage_failed)?;
    let Some(stored) = found else { return Ok(None) };
    let server_digest = server.digest(&stored, epoch).await?;
    if block_in_place(|| stored.is_same(mirror, &server_digest))? {
        if let StoredSection::Messages(range) = &stored {
            block_in_place(|| index::check(local, range)).map_err(storage_failed)?;
            announce(local, block_in_place(|| stored.requeue_missing(&local.store))?);
        }
        return Ok(stored.low());
    }
    let rows = fetch_rows(server, &stored, epoch).await?;
    let stored = stored.narrowed_to(&rows);
    let (repaired, changes) = block_in_place(|| stored.repair(&local.store, epoch, &rows))?;
    tracing::error!(stream = %stored.stream(), repaired, "the mirror differed from the server");
    announce(local, changes);
    local.notices.send(Notice::Status);
    Ok(stored.low())
}

/// Returns the server's rows of a section, if its stream has not changed since.
async fn fetch_rows(
    server: &impl Server,
    stored: &StoredSection,
    epoch: &str,
) -> ServerResult<Vec<Row>> {
    match stored {
        StoredSection::State(applied) => {
            let page = state::since_change(server, applied, epoch, 0).await?;
            if page.head != applied.cursor {
                return Err(stored_section::stream_moved());
            }
            Ok(page.rows)
        }
        StoredSection::Messages(range) => {
            let kind = FetchKind::History { before: range.high + 1 };
            let stream = StreamId::Conversation(range.conversation);
            let fetch = Fetch { stream, term: range.term, kind };
            Ok(history::pages(server, &fetch, epoch, limits::PAGE_BYTES).await?.rows)
        }
    }
}

fn announce(local: &LocalContext, changes: Changes) {
    effects::requeued_lanes(&changes).for_each(|input| local.inputs.send(input));
    local.notices.changed(changes);
}
