//! Replacements of the real client's requests to its server, on a device with a bug.

use super::waiting::Future;
use super::{Client, NetworkRequest, StepEnv};
use crate::bugs::Bug;
use crate::wire::{Wire, no_response};
use parlour_client::StoredSection;
use parlour_client::step::{CallKind, Server, ServerCall, ServerResult};
use parlour_protocol::{Action, ConversationId, ErrorBody, ErrorCode, OpId, Row, StreamId, limits};
use parlour_store::{OpState, ServerUpdate, Store};
use parlour_sync::{Fetch, FetchKind, Input, Section};
use std::collections::BTreeSet;
use std::sync::Arc;

impl Client {
    /// Returns the replacement of a call of the real client, if the bug affects it.
    pub(super) fn buggy_request(
        &self,
        call: &ServerCall,
        wire: &Wire,
        env: &StepEnv<'_>,
    ) -> Option<Future> {
        let (bug, epoch) = (env.bug?, call.epoch().to_owned());
        let (store, wire) = (self.store.clone(), wire.clone());
        match (bug, call.kind()) {
            (
                Bug::NoConfirmation
                | Bug::RewritesTried
                | Bug::ConfirmBeforeApply
                | Bug::AckMovesCursor,
                CallKind::Send(id),
            ) if !self.is_draft(*id) => Some(Box::pin(send(store, wire, *id, epoch, bug))),
            (Bug::NoRepair, CallKind::Verify(section)) => {
                let section = *section;
                Some(Box::pin(async move {
                    Input::Verified(section, repair_nothing(&store, &wire, section, &epoch).await)
                }))
            }
            (Bug::RepairDeletesUnsent, CallKind::Verify(section @ Section::Messages(..))) => {
                let section = *section;
                Some(Box::pin(async move {
                    Input::Verified(
                        section,
                        replace_without_resending(&store, &wire, section, &epoch).await,
                    )
                }))
            }
            (Bug::RepairsOutdatedState, CallKind::Verify(section @ Section::State(_))) => {
                let section = *section;
                Some(Box::pin(async move {
                    Input::Verified(
                        section,
                        repair_outdated_state(&store, &wire, section, &epoch).await,
                    )
                }))
            }
            _ => None,
        }
    }

    fn is_draft(&self, id: OpId) -> bool {
        let pending = self.store.pending_op(id).ok().flatten();
        pending.is_some_and(|pending| matches!(pending.op.action, Action::Draft { .. }))
    }

    /// Sends all waiting ops of a conversation in parallel.
    pub(super) fn send_all_of(
        &mut self,
        conversation: ConversationId,
        env: &mut StepEnv<'_>,
        outgoing: &mut Vec<NetworkRequest>,
    ) {
        for pending in self.store.pending_ops().unwrap_or_default() {
            if pending.op.conversation_id == conversation {
                self.send_alone(pending.op.id, env, outgoing);
            }
        }
    }

    /// Sends the op after a refused one.
    pub(super) fn overtake(&mut self, env: &mut StepEnv<'_>, outgoing: &mut Vec<NetworkRequest>) {
        let mut refused = BTreeSet::new();
        for pending in self.store.pending_ops().unwrap_or_default() {
            match pending.state {
                OpState::Refused => drop(refused.insert(pending.op.conversation_id)),
                OpState::Waiting if refused.remove(&pending.op.conversation_id) => {
                    self.send_alone(pending.op.id, env, outgoing);
                }
                OpState::Waiting => {}
            }
        }
    }

    /// Sends an op that the engine did not request, unless it is already being sent.
    fn send_alone(&mut self, id: OpId, env: &mut StepEnv<'_>, outgoing: &mut Vec<NetworkRequest>) {
        let Some(bug) = env.bug.filter(|_| !self.is_being_sent(id)) else { return };
        let wire = Wire::default();
        let sending = send(self.store.clone(), wire.clone(), id, self.epoch(), bug);
        self.start_waiting((CallKind::Send(id), wire, Box::pin(sending)), env, outgoing);
    }
}

async fn send(store: Arc<Store>, wire: Wire, id: OpId, epoch: String, bug: Bug) -> Input {
    Input::Sent(id, send_unconfirmed(&store, &wire, id, &epoch, bug).await)
}

/// Sends an op without checking who has joined.
async fn send_unconfirmed(
    store: &Store,
    wire: &Wire,
    id: OpId,
    epoch: &str,
    bug: Bug,
) -> ServerResult<()> {
    if bug != Bug::RewritesTried {
        store.mark_tried(id).map_err(failed)?;
    }
    let Some(op) = store.pending_op(id).map_err(failed)?.map(|pending| pending.op) else {
        return Ok(());
    };
    let done = wire.send(&op, epoch).await?;
    if bug != Bug::ConfirmBeforeApply {
        let applied = store.mirror.apply_done(&done).map_err(failed)?;
        applied.ok_or_else(|| no_response(ErrorCode::Epoch))?;
    }
    store.confirm(&op).map_err(failed)?;
    if bug == Bug::AckMovesCursor
        && let Some(to) = done.rows.iter().map(Row::changed_seq).max()
    {
        move_cursor(store, done.stream, epoch, (1, to)).map_err(failed)?;
    }
    Ok(())
}

/// Moves a stream's cursor, without any rows.
pub fn move_cursor(
    store: &Store,
    stream: StreamId,
    epoch: &str,
    (term, to): (i64, i64),
) -> parlour_store::Result<()> {
    let (epoch, rows) = (epoch.into(), vec![]);
    let page = parlour_protocol::Page { epoch, stream, term, from: 0, to, head: to, rows };
    store.mirror.apply(&[ServerUpdate::Page(&page)]).map(drop)
}

/// Compares a part of the mirror without repairing it.
async fn repair_nothing(
    store: &Store,
    wire: &Wire,
    section: Section,
    epoch: &str,
) -> ServerResult<Option<i64>> {
    let Some(stored) = StoredSection::read(&store.mirror, section).map_err(failed)? else {
        return Ok(None);
    };
    let theirs = wire.digest(&stored, epoch).await?;
    stored.is_same(&store.mirror, &theirs)?;
    Ok(stored.low())
}

/// Replaces messages by those of the server, and does not resend the removed ones.
async fn replace_without_resending(
    store: &Store,
    wire: &Wire,
    section: Section,
    epoch: &str,
) -> ServerResult<Option<i64>> {
    let found = StoredSection::read(&store.mirror, section).map_err(failed)?;
    let Some(stored @ StoredSection::Messages(range)) = found else { return Ok(None) };
    let theirs = wire.digest(&stored, epoch).await?;
    if stored.is_same(&store.mirror, &theirs)? {
        return Ok(stored.low());
    }
    let (stream, kind) =
        (StreamId::Conversation(range.conversation), FetchKind::History { before: range.high + 1 });
    let fetch = Fetch { stream, term: range.term, kind };
    let rows = wire.history(&fetch, epoch, limits::PAGE_BYTES).await?.rows;
    let stored = stored.narrowed_to(&rows);
    if let StoredSection::Messages(range) = &stored {
        store.mirror.repair(range, epoch, &rows).map_err(failed)?;
    }
    Ok(stored.low())
}

/// Sets the state of a stream to the server's earlier response, whatever the stream's cursor is by then.
async fn repair_outdated_state(
    store: &Store,
    wire: &Wire,
    section: Section,
    epoch: &str,
) -> ServerResult<Option<i64>> {
    let found = StoredSection::read(&store.mirror, section).map_err(failed)?;
    let Some(stored @ StoredSection::State(applied)) = found else { return Ok(None) };
    let mut theirs = wire.digest(&stored, epoch).await?;
    let (mut rows, mut since, mut head) = (Vec::new(), 0, i64::MAX);
    while since < head {
        let page = wire.state(&applied, epoch, since).await?;
        rows.extend(page.rows);
        (since, head) = (page.to, page.head);
    }
    if let Some(stored @ StoredSection::State(applied_now)) =
        StoredSection::read(&store.mirror, section).map_err(failed)?
    {
        theirs.head = applied_now.cursor;
        if !stored.is_same(&store.mirror, &theirs)? {
            stored.repair(store, epoch, &rows)?;
        }
    }
    Ok(None)
}

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn failed(error: parlour_store::Error) -> ErrorBody {
    no_response(error.code())
}
