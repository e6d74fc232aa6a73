//! Sends drafts to the user's other devices.

use crate::context::inputs::Inputs;
use crate::context::local::LocalContext;
use crate::error::Result;
use parlour_protocol::{ConversationId, OpId};
use parlour_sync::{Input, Lane, LaneKind};

/// Puts the draft of a conversation into the outbox, if the server does not have it.
pub(crate) fn share(local: &LocalContext, conversation: ConversationId) -> Result<()> {
    let (id, now) = (OpId(local.clock.id()), local.clock.now());
    if local.store.share_draft(conversation, id, now)?.is_some() {
        send_lane_changed(&local.inputs, Lane { conversation, kind: LaneKind::NonBlocking });
    }
    Ok(())
}

/// Puts every draft that the server does not have into the outbox.
pub(crate) fn share_all(local: &LocalContext) -> Result<()> {
    local.store.drafts_to_share()?.into_iter().try_for_each(|id| share(local, id))
}

/// Same as [`share_all`], but only logs a failure: the drafts then stay on this device for now.
pub(crate) fn try_to_share_all(local: &LocalContext) {
    if let Err(error) = share_all(local) {
        tracing::error!(%error, "the drafts stay on this device for now");
    }
}

/// Notifies the engine that a lane of the outbox changed in another way than by an append.
pub(crate) fn send_lane_changed(inputs: &Inputs, lane: Lane) {
    // The lane is read when the engine handles this input: see `effects::with_current_lane`.
    inputs.send(Input::LaneChanged(lane, Vec::new()));
}
