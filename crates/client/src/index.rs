//! Checks that the search index contains the messages of the mirror, and rebuilds it.

use crate::context::local::LocalContext;
use crate::notice::Notice;
use parlour_store::MessageRange;
use tokio::task::block_in_place;

/// Checks that the search index contains these messages, which were compared with the server before;
/// rebuilds it if not.
pub(crate) fn check(local: &LocalContext, range: &MessageRange) -> parlour_store::Result<()> {
    let mirror = &local.store.mirror;
    if !mirror.is_indexed(range)? {
        mirror.rebuild_index(|| !local.inputs.is_closed())?;
        mirror.count_repair()?;
        tracing::error!(conversation = %range.conversation, "the search index was wrong, and is rebuilt");
        local.notices.send(Notice::Status);
    }
    mirror.merge_index().map(drop)
}

/// Rebuilds the index if an earlier version built it; searches use the old one in the meantime.
pub(crate) fn rebuild_if_outdated(local: &LocalContext) {
    let mirror = &local.store.mirror;
    let rebuilt = block_in_place(|| match mirror.is_index_outdated()? {
        true => mirror.rebuild_index(|| !local.inputs.is_closed()),
        false => Ok(()),
    });
    match rebuilt {
        Err(error) if !local.inputs.is_closed() => {
            tracing::error!(%error, "the search index could not be rebuilt");
        }
        _ => {}
    }
}
