//! Letting the user's other devices have what is being written.

use crate::context::Context;
use crate::error::Result;
use parlour_protocol::{ConversationId, OpId};
use parlour_sync::{Input, Lane, LaneKind};

/// Puts a draft that the server does not have into the outbox.
pub(crate) fn share(context: &Context, conversation: ConversationId) -> Result<()> {
    let (id, now) = (OpId(context.clock.id()), context.clock.now());
    if context.store.share_draft(conversation, id, now)?.is_some() {
        reload(context, Lane { conversation, kind: LaneKind::Own });
    }
    Ok(())
}

/// Puts every draft that the server does not have into the outbox.
pub(crate) fn share_all(context: &Context) -> Result<()> {
    context.store.drafts_to_share()?.into_iter().try_for_each(|id| share(context, id))
}

/// Tells the engine that a lane of the outbox changed otherwise than by growing.
pub(crate) fn reload(context: &Context, lane: Lane) {
    // The driver reads the lane: see `effects::refresh`.
    context.inputs.send(Input::Reloaded(lane, Vec::new()));
}
