//! Compares a part of the mirror with the server, and repairs it where it differs.

use super::server::{Answer, Server};
use super::{history, state};
use crate::context::files::Files;
use crate::effects::{self, storage_failed};
use crate::index;
use crate::mirror_part::{self, MirrorPart};
use crate::notice::Notice;
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
    files: &Files,
    server: &impl Server,
    section: Section,
    epoch: &str,
) -> Answer<Option<i64>> {
    let mirror = &files.store.mirror;
    let found = block_in_place(|| MirrorPart::read(mirror, section)).map_err(storage_failed)?;
    let Some(part) = found else { return Ok(None) };
    let server_digest = server.digest(&part, epoch).await?;
    if block_in_place(|| part.is_same(mirror, &server_digest))? {
        if let MirrorPart::Messages(range) = &part {
            block_in_place(|| index::check(files, range)).map_err(storage_failed)?;
            announce(files, block_in_place(|| part.requeue_missing(&files.store))?);
        }
        return Ok(part.low());
    }
    let rows = fetch_rows(server, &part, epoch).await?;
    let part = part.narrowed_to(&rows);
    let (repaired, changes) = block_in_place(|| part.repair(&files.store, epoch, &rows))?;
    tracing::error!(stream = %part.stream(), repaired, "the mirror differed from the server");
    announce(files, changes);
    files.notices.send(Notice::Status);
    Ok(part.low())
}

/// Returns the server's rows of a part, if its stream has not changed since.
async fn fetch_rows(server: &impl Server, part: &MirrorPart, epoch: &str) -> Answer<Vec<Row>> {
    match part {
        MirrorPart::State(applied) => {
            let page = state::since_change(server, applied, epoch, 0).await?;
            if page.head != applied.cursor {
                return Err(mirror_part::stream_moved());
            }
            Ok(page.rows)
        }
        MirrorPart::Messages(range) => {
            let kind = FetchKind::History { before: range.high + 1 };
            let stream = StreamId::Conversation(range.conversation);
            let fetch = Fetch { stream, term: range.term, kind };
            Ok(history::pages(server, &fetch, epoch, limits::PAGE_BYTES).await?.rows)
        }
    }
}

fn announce(files: &Files, changes: Changes) {
    effects::requeued_lanes(&changes).for_each(|input| files.inputs.send(input));
    files.notices.changed(changes);
}
