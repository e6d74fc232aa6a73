//! Sends an op: checks who will read it, uploads its files, marks it as tried, and writes the server's response before the
//! outbox removes the op.

use super::audience;
use super::server::{Answer, Server};
use crate::attachments::upload;
use crate::context::files::Files;
use crate::{drafts, effects};
use parlour_protocol::{Action, OpId};
use tokio::task::block_in_place;

/// Sends an op and stores the result.
pub(super) async fn op(files: &Files, server: &impl Server, id: OpId, epoch: &str) -> Answer<()> {
    audience::check(files, server, id, epoch).await?;
    upload::upload_files(files, server, id).await?;
    // The op was dropped before, so there is nothing to send.
    let Some(op) = block_in_place(|| effects::prepare(&files.store, id))? else { return Ok(()) };
    let response = match server.send(&op, epoch).await {
        // The server has removed a file that was uploaded before.
        Err(error) if upload::is_missing(&error) => {
            upload::upload_files(files, server, id).await?;
            server.send(&op, epoch).await?
        }
        response => response?,
    };
    let mut changes = block_in_place(|| effects::complete(&files.store, &op, &response))?;
    files.shared.received.take_from(&mut changes, |_| false);
    files.notices.changed(changes);
    if matches!(op.action, Action::Draft { .. }) {
        block_in_place(|| drafts::try_to_share_all(files));
    }
    Ok(())
}
