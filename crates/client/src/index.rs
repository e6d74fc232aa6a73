//! Checks that the search index contains the messages of the mirror, and rebuilds it.

use crate::context::files::Files;
use crate::notice::Notice;
use parlour_store::MessageRange;
use tokio::task::block_in_place;

/// Checks that the search index contains these messages, which were compared with the server before;
/// rebuilds it if not.
pub(crate) fn check(files: &Files, range: &MessageRange) -> parlour_store::Result<()> {
    let mirror = &files.store.mirror;
    if !mirror.is_indexed(range)? {
        mirror.rebuild_index(|| !files.inputs.is_closed())?;
        mirror.count_repair()?;
        tracing::error!(conversation = %range.conversation, "the search index was wrong, and is rebuilt");
        files.notices.send(Notice::Status);
    }
    mirror.merge_index().map(drop)
}

/// Rebuilds the index if an earlier version built it; searches use the old one in the meantime.
pub(crate) fn rebuild_if_outdated(files: &Files) {
    let mirror = &files.store.mirror;
    let rebuilt = block_in_place(|| match mirror.is_index_outdated()? {
        true => mirror.rebuild_index(|| !files.inputs.is_closed()),
        false => Ok(()),
    });
    match rebuilt {
        Err(error) if !files.inputs.is_closed() => {
            tracing::error!(%error, "the search index could not be rebuilt");
        }
        _ => {}
    }
}
