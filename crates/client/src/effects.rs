//! What the sync engine decides, done to the account's files. The driver does it with the network
//! and the clock, a simulation without.

use crate::error::Result;
use parlour_protocol::{
    Action, Audience, ConversationId, ErrorBody, ErrorCode, Op, OpDone, OpId, Row,
};
use parlour_store::{Arrival, Changes, OpState, OpenOp, Store};
use parlour_sync::{Effect, Engine, Input, Lane, LaneKind, Limits, QueuedOp, Start, StartStream};

/// An engine over what is stored.
///
/// # Errors
/// The files fail.
pub fn engine(store: &Store, seed: u64) -> Result<Engine> {
    store.forget_purged()?;
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
        wm: state.wm,
        streams: streams.collect(),
        ops: state.ops.iter().map(queued).collect(),
        limits: limits(store)?,
        seed,
    }))
}

/// How much history is kept, and whether that is reached.
///
/// # Errors
/// The files fail.
pub fn limits(store: &Store) -> Result<Limits> {
    let messages = store.history_limit()?.messages.0;
    Ok(Limits { is_full: store.is_full()?, messages })
}

/// An op as the engine queues it.
pub fn queued(open: &OpenOp) -> QueuedOp {
    let action = &open.op.action;
    let kind = match action.rules().audience {
        Audience::OwnDevices | Audience::Everybody => LaneKind::Own,
        Audience::Members => LaneKind::Deeds,
    };
    let lane = Lane { conversation: open.op.conversation_id, kind };
    let begins = matches!(action, Action::Create { .. });
    QueuedOp { id: open.op.id, lane, begins, refused: open.state == OpState::Refused }
}

/// An input as it is when the engine handles it: a lane of the outbox is read then and not before, for a new
/// epoch may have filled it meanwhile.
///
/// # Errors
/// The files fail.
pub fn refresh(store: &Store, input: Input) -> Result<Input> {
    let Input::Reloaded(lane, _) = input else { return Ok(input) };
    Ok(Input::Reloaded(lane, store.open_ops()?.iter().map(queued).collect()))
}

/// What the engine is told after changes: which lanes hold ops again that were sent before.
pub fn reloads(changes: &Changes) -> impl Iterator<Item = Input> {
    let lane =
        |conversation: &ConversationId| Lane { conversation: *conversation, kind: LaneKind::Deeds };
    changes.offered.iter().map(move |id| Input::Reloaded(lane(id), Vec::new()))
}

/// Whether an effect is about the account's files alone.
pub fn is_local(effect: &Effect) -> bool {
    arrival(effect).is_some() || matches!(effect, Effect::Refuse(..))
}

/// Whether an effect makes the user a member where they were not: then the server takes the drafts that it
/// did not take before.
pub fn grants_membership(effect: &Effect) -> bool {
    match effect {
        Effect::ApplyBootstrap(_) => true,
        Effect::ApplyPage(page) => {
            page.rows.iter().any(|row| matches!(row, Row::Membership(row) if row.left_at.is_none()))
        }
        _ => false,
    }
}

/// Applies effects to the files, to the mirror in one transaction. What they ask of the network or of the
/// clock is left to the caller, as is a new engine after [`Effect::BeginEpoch`].
///
/// # Errors
/// The files fail; then nothing was written to the mirror.
pub fn apply(store: &Store, effects: &[Effect]) -> Result<Changes> {
    let arrivals: Vec<Arrival<'_>> = effects.iter().filter_map(arrival).collect();
    let mut changes = Changes::default();
    if !arrivals.is_empty() {
        changes.merge(store.apply(&arrivals)?);
    }
    if effects.iter().any(purges) {
        store.forget_purged()?;
    }
    for effect in effects {
        if let Effect::Refuse(id, error) = effect
            && let Some(open) = store.open_op(*id)?
        {
            changes.merge(store.refuse(&open.op, &error.problem())?);
        }
    }
    Ok(changes)
}

/// Whether an effect tells that what is here of a group is to be deleted.
fn purges(effect: &Effect) -> bool {
    let Effect::ApplyPage(page) = effect else { return false };
    page.rows.iter().any(|row| matches!(row, Row::Membership(row) if row.purged))
}

fn arrival(effect: &Effect) -> Option<Arrival<'_>> {
    match effect {
        Effect::SaveHeads(heads) => Some(Arrival::Heads(heads)),
        Effect::ApplyPage(page) => Some(Arrival::Page(page)),
        Effect::ApplyBootstrap(bootstrap) => Some(Arrival::Bootstrap(bootstrap)),
        Effect::ApplyHistory(history) => Some(Arrival::History(history)),
        Effect::ResetStream(id) => Some(Arrival::Reset(*id)),
        Effect::DropStream(id) => Some(Arrival::Drop(*id)),
        _ => None,
    }
}

/// The op to send; nothing if it was dropped before. It is marked as tried first and read second: what is
/// read then cannot be rewritten or dropped any more.
///
/// # Errors
/// The files fail; or it says something in a conversation of which the server says what cannot be.
pub fn prepare(store: &Store, id: OpId) -> Result<Option<Op>, ErrorBody> {
    let Some(open) = store.open_op(id).map_err(failed)? else { return Ok(None) };
    let says = matches!(open.op.action, Action::Send { .. } | Action::Edit { .. });
    if says && !store.is_trusted(open.op.conversation_id).map_err(failed)? {
        return Err(untrusted());
    }
    store.mark_tried(id).map_err(failed)?;
    Ok(store.open_op(id).map_err(failed)?.map(|open| open.op))
}

/// Writes the server's answer to an op, first into the mirror, then into the outbox.
///
/// # Errors
/// The files fail, or the server was restored in between; then the op still waits.
pub fn complete(store: &Store, op: &Op, done: &OpDone) -> Result<Changes, ErrorBody> {
    // What another state of the server did may be undone in this one: it is asked again.
    let Some(mut changes) = store.mirror.apply_done(done).map_err(failed)? else {
        return Err(ErrorBody::new(ErrorCode::Epoch, "the server was restored meanwhile"));
    };
    store.settle_draft(op, done).map_err(failed)?;
    changes.merge(store.confirm(op).map_err(failed)?);
    Ok(changes)
}

/// The refusal to send into a direct conversation that the server says is something else.
pub(crate) fn untrusted() -> ErrorBody {
    ErrorBody::new(ErrorCode::Untrusted, "the server says of this pair what cannot be")
}

/// A failure of the files as an answer to a request.
#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
pub(crate) fn failed(error: parlour_store::Error) -> ErrorBody {
    ErrorBody::new(error.code(), "a file of the account failed")
}
