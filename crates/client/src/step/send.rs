//! Sends an op: checks who will read it, uploads its files, marks it as tried, and writes the server's response before the
//! outbox removes the op.

use super::audience;
use super::server::{Server, ServerResult};
use crate::attachments::upload;
use crate::context::local::LocalContext;
use crate::{drafts, effects};
use parlour_protocol::{Action, OpId};
use tokio::task::block_in_place;

/// Sends an op and stores the result.
pub(super) async fn op(
    local: &LocalContext,
    server: &impl Server,
    id: OpId,
    epoch: &str,
) -> ServerResult<()> {
    audience::check(local, server, id, epoch).await?;
    upload::upload_files(local, server, id).await?;
    // The op was dropped before, so there is nothing to send.
    let Some(op) = block_in_place(|| effects::prepare(&local.store, id))? else { return Ok(()) };
    let response = match server.send(&op, epoch).await {
        // The server has removed a file that was uploaded before.
        Err(error) if upload::is_missing(&error) => {
            upload::upload_files(local, server, id).await?;
            server.send(&op, epoch).await?
        }
        response => response?,
    };
    let mut changes = block_in_place(|| effects::complete(&local.store, &op, &response))?;
    local.shared.received.take_from(&mut changes, |_| false);
    local.notices.changed(changes);
    if matches!(op.action, Action::Draft { .. }) {
        block_in_place(|| drafts::try_to_share_all(local));
    }
    Ok(())
}
