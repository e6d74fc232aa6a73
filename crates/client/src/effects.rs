//! Applies the sync engine's effects to the account's files.

use crate::error::Result;
use parlour_protocol::{
    Action, Audience, ConversationId, ErrorBody, ErrorCode, Millis, Op, OpDone, OpId, Row,
};
use parlour_store::{Changes, OpState, PendingOp, ServerUpdate, Store};
use parlour_sync::{Effect, Engine, Input, Lane, LaneKind, Limits, QueuedOp, Start, StartStream};

/// Creates an engine that continues from the stored state.
///
/// # Errors
/// Fails if a file cannot be read or written.
pub fn engine(store: &Store, seed: u64) -> Result<Engine> {
    store.delete_purged()?;
    let state = store.sync_state()?;
    let streams = state.streams.into_iter().map(|stream| StartStream {
        stream: stream.stream,
        term: stream.term,
        cursor: stream.cursor,
        head: stream.head,
        floor: stream.floor,
        newest: stream.newest,
        active_at: stream.active_at,
    });
    Ok(Engine::new(Start {
        user_id: state.user_id,
        epoch: state.epoch,
        watermark: state.watermark,
        streams: streams.collect(),
        ops: state.ops.iter().map(queued).collect(),
        limits: limits(store)?,
        seed,
    }))
}

/// Returns how much history is stored, and whether the mirror has reached that limit.
///
/// # Errors
/// Fails if a file cannot be read or written.
pub fn limits(store: &Store) -> Result<Limits> {
    let messages = store.history_limit()?.messages.0;
    Ok(Limits { is_full: store.is_full()?, messages })
}

/// Returns an op as the engine queues it.
pub fn queued(pending: &PendingOp) -> QueuedOp {
    let action = &pending.op.action;
    let kind = match action.rules().audience {
        Audience::OwnDevices | Audience::Everybody => LaneKind::NonBlocking,
        Audience::Members => LaneKind::Blocking,
    };
    let lane = Lane { conversation: pending.op.conversation_id, kind };
    let creates_conversation = matches!(action, Action::Create { .. });
    let (uploads, refused) = (action.has_files(), pending.state == OpState::Refused);
    QueuedOp { id: pending.op.id, lane, creates_conversation, uploads, refused }
}

/// Fills in an [`Input::LaneChanged`] when the engine handles it. The lane is not read earlier, because a
/// new epoch may fill it in the meantime.
///
/// # Errors
/// Fails if a file cannot be read or written.
pub fn with_current_lane(store: &Store, input: Input) -> Result<Input> {
    let Input::LaneChanged(lane, _) = input else { return Ok(input) };
    Ok(Input::LaneChanged(lane, store.pending_ops()?.iter().map(queued).collect()))
}

/// Returns an input for each lane in which already sent ops were queued again.
pub fn requeued_lanes(changes: &Changes) -> impl Iterator<Item = Input> {
    let lane = |conversation: &ConversationId| Lane {
        conversation: *conversation,
        kind: LaneKind::Blocking,
    };
    changes.requeued.iter().map(move |id| Input::LaneChanged(lane(id), Vec::new()))
}

/// Returns whether an effect is about the account's files alone.
pub fn is_local(effect: &Effect) -> bool {
    server_update(effect).is_some() || matches!(effect, Effect::Refuse(..))
}

/// Returns whether an effect makes the user a member of a conversation, so that drafts that the server
/// refused before can be sent.
pub fn grants_membership(effect: &Effect) -> bool {
    match effect {
        Effect::ApplyBootstrap(_) => true,
        Effect::ApplyPage(page) => {
            page.rows.iter().any(|row| matches!(row, Row::Membership(row) if row.left_at.is_none()))
        }
        _ => false,
    }
}

/// Applies effects to the files, as of `now`. All writes to the mirror are in one transaction. Effects on the network
/// or the clock are left to the caller, as is a new engine after [`Effect::BeginEpoch`].
///
/// # Errors
/// Fails if a file cannot be read or written; nothing was written to the mirror then.
pub fn apply(store: &Store, effects: &[Effect], now: Millis) -> Result<Changes> {
    let updates: Vec<ServerUpdate<'_>> = effects.iter().filter_map(server_update).collect();
    let mut changes = Changes::default();
    if !updates.is_empty() {
        changes.merge(store.apply(&updates, now)?);
    }
    if effects.iter().any(purges) {
        store.delete_purged()?;
    }
    for effect in effects {
        if let Effect::Refuse(id, error) = effect
            && let Some(pending) = store.pending_op(*id)?
        {
            changes.merge(store.refuse(&pending.op, &error.problem())?);
        }
    }
    Ok(changes)
}

/// Returns whether an effect requires that the local copy of a group is deleted.
fn purges(effect: &Effect) -> bool {
    let Effect::ApplyPage(page) = effect else { return false };
    page.rows.iter().any(|row| matches!(row, Row::Membership(row) if row.purged))
}

fn server_update(effect: &Effect) -> Option<ServerUpdate<'_>> {
    match effect {
        Effect::SaveHeads(heads) => Some(ServerUpdate::Heads(heads)),
        Effect::ApplyPage(page) => Some(ServerUpdate::Page(page)),
        Effect::ApplyBootstrap(bootstrap) => Some(ServerUpdate::Bootstrap(bootstrap)),
        Effect::ApplyHistory(history) => Some(ServerUpdate::History(history)),
        Effect::ResetStream(id) => Some(ServerUpdate::Reset(*id)),
        Effect::DropStream(id) => Some(ServerUpdate::Drop(*id)),
        _ => None,
    }
}

/// Returns the op to send, or `None` if it was dropped before. It is marked as tried first and read second,
/// because from then on it cannot be rewritten or dropped.
///
/// # Errors
/// Fails if a file cannot be read or written, or if the op writes to a direct conversation for which the
/// server sent impossible members.
pub fn prepare(store: &Store, id: OpId) -> Result<Option<Op>, ErrorBody> {
    let Some(pending) = store.pending_op(id).map_err(storage_failed)? else { return Ok(None) };
    let is_text = matches!(pending.op.action, Action::Send { .. } | Action::Edit { .. });
    if is_text
        && !store.conversation_matches_id(pending.op.conversation_id).map_err(storage_failed)?
    {
        return Err(impossible_members());
    }
    store.mark_tried(id).map_err(storage_failed)?;
    Ok(store.pending_op(id).map_err(storage_failed)?.map(|pending| pending.op))
}

/// Writes the server's response to an op, first into the mirror, then into the outbox.
///
/// # Errors
/// Fails if a file cannot be written or the server was restored in between; the op then still waits.
pub fn complete(store: &Store, op: &Op, done: &OpDone) -> Result<Changes, ErrorBody> {
    // A restore may have undone what the server did, so the op is sent again.
    let Some(mut changes) = store.mirror.apply_done(done).map_err(storage_failed)? else {
        return Err(ErrorBody::new(ErrorCode::Epoch, "the server was restored meanwhile"));
    };
    store.confirm_draft(op, done).map_err(storage_failed)?;
    changes.merge(store.confirm(op).map_err(storage_failed)?);
    Ok(changes)
}

/// Returns the refusal to send to a direct conversation for which the server sent impossible members.
pub(crate) fn impossible_members() -> ErrorBody {
    ErrorBody::new(
        ErrorCode::ImpossibleMembers,
        "the server sent impossible members for this direct conversation",
    )
}

/// Converts a storage error to the error of a request.
#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
pub(crate) fn storage_failed(error: parlour_store::Error) -> ErrorBody {
    ErrorBody::new(error.code(), "a file of the account failed")
}
