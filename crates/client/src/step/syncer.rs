//! The sync engine with an account's files.

use super::server_call::{CallKind, ServerCall};
use super::task::{Request, Task, Write};
use crate::context::local::LocalContext;
use crate::error::Result;
use crate::notify::CatchUp;
use crate::{drafts, effects};
use parlour_sync::{ConnectionStatus, Effect, Engine, Input, Now};
use std::collections::VecDeque;

/// Difference between the seeds of an account's successive engines (Weyl's sequence).
const NEXT_SEED: u64 = 0x9e37_79b9_7f4a_7c15;

/// The sync of one account without its network: passes inputs to the engine, and returns in order what to
/// do.
///
/// A step is [`Syncer::handle`], and then [`Syncer::next_task`] until there is none: [`Task::Write`] is
/// done with [`Syncer::write`], [`Task::Request`] by the caller. Inputs that result from a step are sent
/// to the receiver of the account's inputs. If one of the three fails, [`Syncer::restart`] starts again
/// from the stored state.
pub struct Syncer {
    local: LocalContext,
    engine: Engine,
    pending: VecDeque<Effect>,
    /// Whether the server may accept drafts now that it refused before.
    should_share_drafts: bool,
    /// Whether the previous engine was discarded.
    should_abandon: bool,
    /// The value of [`parlour_store::Store::mirror_generation`] when the engine was created.
    generation: u64,
    seed: u64,
    catch_up: CatchUp,
}

impl Syncer {
    /// Creates the sync from the stored state; `seed` is for its random numbers.
    ///
    /// # Errors
    /// Fails if a file cannot be read or written.
    pub(crate) fn open(local: LocalContext, seed: u64) -> Result<Self> {
        let generation = local.store.mirror_generation();
        let engine = effects::engine(&local.store, seed)?;
        let (pending, should_share_drafts, should_abandon) = (VecDeque::new(), false, false);
        let catch_up = CatchUp::new(engine.epoch().is_empty());
        Ok(Self {
            local,
            engine,
            pending,
            should_share_drafts,
            should_abandon,
            generation,
            seed,
            catch_up,
        })
    }

    /// Returns the current engine.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Passes an input to the engine.
    ///
    /// # Errors
    /// Fails if a file cannot be read or written.
    pub fn handle(&mut self, input: Input, now: Now) -> Result<()> {
        if self.generation != self.local.store.mirror_generation() {
            // Damage was found: the mirror is empty, and the engine's state is no longer valid.
            return self.restart(now);
        }
        let input = effects::with_current_lane(&self.local.store, input)?;
        if matches!(input, Input::Heads(_, Ok(_)) | Input::Frame(_)) {
            self.catch_up.record_contact(now, self.local.clock.now());
        }
        let effects = self.engine.handle(input, now);
        // The engine requests heads again after a response that is older than its state.
        if effects.iter().any(|effect| matches!(effect, Effect::SaveHeads(_))) {
            self.catch_up.record_heads(&self.engine);
        }
        self.pending.extend(effects);
        Ok(())
    }

    /// Starts again from the stored state.
    ///
    /// # Errors
    /// Fails if a file cannot be read or written.
    pub fn restart(&mut self, now: Now) -> Result<()> {
        let generation = self.local.store.mirror_generation();
        self.engine = self.next_engine()?;
        if generation != self.generation {
            self.catch_up.start(true);
        }
        self.generation = generation;
        (self.should_share_drafts, self.should_abandon) = (false, true);
        self.pending = self.engine.handle(Input::Started, now).into();
        Ok(())
    }

    /// Returns the next task of the step; `None` at its end.
    ///
    /// # Errors
    /// Fails if a file cannot be read or written.
    pub fn next_task(&mut self) -> Result<Option<Task>> {
        if std::mem::take(&mut self.should_abandon) {
            return Ok(Some(Task::Request(Request::Abandon)));
        }
        let Some(effect) = self.pending.pop_front() else {
            if let Some(is_shown) = self.catch_up.end(&self.engine) {
                self.local.shared.received.caught_up(is_shown);
            }
            let share = std::mem::take(&mut self.should_share_drafts);
            return Ok(share.then_some(Task::Write(Write::Drafts)));
        };
        self.task(effect).map(Some)
    }

    fn task(&mut self, effect: Effect) -> Result<Task> {
        let bytes = self.engine.response_bytes();
        let request = match effect {
            Effect::Connect => Request::Connect,
            Effect::Reconnect => Request::Reconnect,
            Effect::Ping(number) => Request::Ping(number),
            Effect::FetchHeads { watermark } => {
                self.start_call(CallKind::Heads { watermark, proof: self.local.store.proof()? })
            }
            Effect::Pull(fetches) => self.start_call(CallKind::Pull { fetches, bytes }),
            Effect::FetchHistory(fetch) => self.start_call(CallKind::History { fetch, bytes }),
            Effect::Send(id) => self.start_call(CallKind::Send(id)),
            Effect::Verify(section) => self.start_call(CallKind::Verify(section)),
            Effect::WakeAt(at) => Request::WakeAt(at),
            Effect::ReportConnection(connection) => {
                self.local.shared.set_connection(connection.into());
                self.should_share_drafts |=
                    matches!(connection, ConnectionStatus::Online | ConnectionStatus::Polling);
                Request::ReportConnection(connection)
            }
            Effect::BeginEpoch(epoch) => return Ok(Task::Write(Write::Epoch(epoch))),
            Effect::SaveHeads(_)
            | Effect::ApplyPage(_)
            | Effect::ApplyBootstrap(_)
            | Effect::ApplyHistory(_)
            | Effect::ResetStream(_)
            | Effect::DropStream(_)
            | Effect::Refuse(..) => return Ok(Task::Write(self.batch(effect))),
        };
        Ok(Task::Request(request))
    }

    fn start_call(&self, kind: CallKind) -> Request {
        Request::Call(ServerCall::new(self.local.clone(), self.engine.epoch().to_owned(), kind))
    }

    /// Returns an effect on the files alone, together with those that follow it directly.
    fn batch(&mut self, first: Effect) -> Write {
        let is_other = |effect: &Effect| !effects::is_local(effect);
        let count = self.pending.iter().position(is_other).unwrap_or(self.pending.len());
        Write::Effects(std::iter::once(first).chain(self.pending.drain(..count)).collect())
    }

    /// Writes to the files. Announces the changes to the window, and sends the engine the inputs that
    /// result.
    ///
    /// # Errors
    /// Fails if a file cannot be read or written.
    pub fn write(&mut self, write: &Write, now: Now) -> Result<()> {
        match write {
            Write::Effects(effects) => self.apply(effects),
            Write::Epoch(epoch) => self.begin_epoch(epoch, now),
            Write::Drafts => {
                drafts::try_to_share_all(&self.local);
                Ok(())
            }
        }
    }

    fn apply(&mut self, effects: &[Effect]) -> Result<()> {
        let LocalContext { store, inputs, notices, shared, clock } = &self.local;
        let mut changes = effects::apply(store, effects, clock.now())?;
        shared.received.take_from(&mut changes, |item| self.catch_up.is_backlog(item));
        self.should_share_drafts |= effects.iter().any(effects::grants_membership);
        if effects.iter().any(|effect| matches!(effect, Effect::ApplyHistory(_))) {
            inputs.send(Input::Limits(effects::limits(store)?));
        }
        effects::requeued_lanes(&changes).for_each(|input| inputs.send(input));
        notices.changed(changes);
        Ok(())
    }

    fn begin_epoch(&mut self, epoch: &str, now: Now) -> Result<()> {
        self.catch_up.start(false);
        let changes = self.local.store.begin_epoch(epoch)?;
        self.local.notices.changed(changes);
        let next = self.next_engine()?;
        let previous = std::mem::replace(&mut self.engine, next);
        self.pending = self.engine.take_over(&previous, now).into();
        Ok(())
    }

    fn next_engine(&mut self) -> Result<Engine> {
        self.seed = self.seed.wrapping_add(NEXT_SEED);
        effects::engine(&self.local.store, self.seed)
    }
}
