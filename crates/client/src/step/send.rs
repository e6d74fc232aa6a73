//! An op on its way: who will read it is asked first, then it is marked as tried, and what the server made of it is
//! written before the outbox lets go of it.

use super::audience;
use super::server::{Answer, Server};
use crate::context::files::Files;
use crate::{drafts, effects};
use parlour_protocol::{Action, OpId};
use tokio::task::block_in_place;

/// Sends an op and keeps what came of it.
pub(super) async fn op(files: &Files, server: &impl Server, id: OpId, epoch: &str) -> Answer<()> {
    audience::check(files, server, id, epoch).await?;
    // One that was dropped before is done with.
    let Some(op) = block_in_place(|| effects::prepare(&files.store, id))? else { return Ok(()) };
    let done = server.send(&op, epoch).await?;
    files.notices.changed(block_in_place(|| effects::complete(&files.store, &op, &done))?);
    if matches!(op.action, Action::Draft { .. }) {
        block_in_place(|| drafts::try_to_share_all(files));
    }
    Ok(())
}
