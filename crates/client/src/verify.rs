//! Compares a stretch of the mirror with the server, and mends it where it differs.

use crate::driver::Parts;
use crate::notice::Notice;
use crate::perform::failed;
use parlour_protocol::{ConversationId, ErrorBody, ErrorCode, StreamId};
use parlour_store::Stretch;
use parlour_sync::{Fetch, FetchKind};
use tokio::task::block_in_place;

/// Compares the stretch that ends below a position, or at the newest message; answers where it
/// begins, or nothing if there is none.
pub async fn stretch(
    parts: &Parts,
    id: ConversationId,
    below: Option<i64>,
    epoch: &str,
) -> Result<Option<i64>, ErrorBody> {
    let mirror = &parts.store.mirror;
    let found = block_in_place(|| mirror.stretch(id, below)).map_err(failed)?;
    let Some(stretch) = found else { return Ok(None) };
    let theirs = parts.http.digest(&stretch, epoch).await?;
    let ours = block_in_place(|| mirror.digest(&stretch)).map_err(failed)?;
    // What has moved meanwhile is compared later.
    let ours = ours.filter(|_| theirs.head == stretch.cursor).ok_or_else(moved)?;
    if ours == (theirs.count, theirs.sha256) {
        block_in_place(|| keep_index(parts, &stretch)).map_err(failed)?;
        return Ok(Some(stretch.low));
    }
    let kind = FetchKind::History { before: stretch.high + 1 };
    let fetch = Fetch { stream: StreamId::Conversation(id), term: stretch.term, kind };
    let history = parts.http.history(&fetch, epoch).await?;
    let (repaired, changes) =
        block_in_place(|| mirror.repair(&stretch, &history.rows)).map_err(failed)?;
    tracing::error!(conversation = %id, repaired, "the mirror differed from the server");
    parts.notices.changed(changes);
    parts.notices.tell(Notice::Status);
    Ok(Some(stretch.low))
}

/// The messages are right; so must be what finds them.
fn keep_index(parts: &Parts, stretch: &Stretch) -> parlour_store::Result<()> {
    let mirror = &parts.store.mirror;
    if !mirror.is_indexed(stretch)? {
        mirror.rebuild_index()?;
        mirror.note_repair()?;
        tracing::error!(conversation = %stretch.conversation, "the search index was wrong, and is built anew");
        parts.notices.tell(Notice::Status);
    }
    mirror.merge_index().map(drop)
}

fn moved() -> ErrorBody {
    let message = "The conversation has moved meanwhile.".into();
    ErrorBody { code: ErrorCode::Retry, message, retry_after_ms: None }
}
