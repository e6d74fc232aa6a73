//! Writes a device's files: like the real client, on a disk that may be full, or differently with a bug.

use super::buggy_requests::move_cursor;
use super::{Client, StepEnv};
use crate::bugs::Bug;
use parlour_client::Clock;
use parlour_client::step::Write;
use parlour_protocol::{ErrorCode, OpDone, Page, Row, StreamId};
use parlour_sync::Effect;

impl Client {
    /// Returns whether its mirror is known to be behind the server.
    pub(super) fn is_incomplete(&self) -> bool {
        self.store.sync_state().is_ok_and(|state| {
            state.streams.iter().any(|stream| stream.cursor.is_none_or(|at| at < stream.head))
        })
    }

    pub(super) fn write(&mut self, write: &Write, env: &StepEnv<'_>) -> Result<(), ErrorCode> {
        let is_full = env.now < self.full_until;
        match (env.bug, write) {
            (Some(Bug::PartialPage), Write::Effects(effects))
                if is_full && effects.iter().any(is_large) =>
            {
                let partial = effects.iter().cloned().map(without_last_row).collect();
                self.write_unaltered(&Write::Effects(partial), env)?;
                Err(ErrorCode::DiskFull)
            }
            // Drafts that cannot be shared stay on the device for now, and nothing fails.
            (_, Write::Drafts) if is_full => Ok(()),
            _ if is_full => Err(ErrorCode::DiskFull),
            (Some(bug), Write::Effects(effects)) => {
                let altered = effects.iter().cloned().map(|effect| altered(bug, effect)).collect();
                self.write_unaltered(&Write::Effects(altered), env)?;
                effects.iter().try_for_each(|effect| self.write_after(bug, effect))
            }
            (Some(Bug::NoResendAfterRestore), Write::Epoch(_)) => {
                let before = self.store.pending_ops().map_err(|error| error.code())?;
                self.write_unaltered(write, env)?;
                for pending in self.store.pending_ops().map_err(|error| error.code())? {
                    if !before.iter().any(|known| known.op.id == pending.op.id) {
                        self.store.confirm(&pending.op).map_err(|error| error.code())?;
                    }
                }
                Ok(())
            }
            _ => self.write_unaltered(write, env),
        }
    }

    fn write_unaltered(&mut self, write: &Write, env: &StepEnv<'_>) -> Result<(), ErrorCode> {
        let now = env.now - self.started_at;
        match &mut self.syncer {
            Some(syncer) => syncer.write(write, now).map_err(|error| error.code())?,
            None => return Ok(()),
        }
        self.received.record_history(write);
        self.take_report(env);
        Ok(())
    }

    /// Performs the additional write of a bug after an effect.
    fn write_after(&self, bug: Bug, effect: &Effect) -> Result<(), ErrorCode> {
        match (bug, effect) {
            (Bug::CursorBeforeRows, Effect::ApplyPage(page)) => {
                if self.clock.now().0 % 5 == 0 {
                    // It is interrupted between the two writes.
                    return Err(ErrorCode::Storage);
                }
                let done = OpDone {
                    epoch: page.epoch.clone(),
                    ..OpDone::new(page.stream, page.rows.clone())
                };
                self.store.mirror.apply_done(&done).map(drop).map_err(|error| error.code())
            }
            (Bug::HistoryMovesCursor, Effect::ApplyHistory(history)) => {
                let to = (history.term, self.head_of(history.stream)?);
                move_cursor(&self.store, history.stream, &history.epoch, to)
                    .map_err(|error| error.code())
            }
            _ => Ok(()),
        }
    }

    fn head_of(&self, stream: StreamId) -> Result<i64, ErrorCode> {
        let state = self.store.sync_state().map_err(|error| error.code())?;
        let known = state.streams.iter().find(|known| known.stream == stream);
        Ok(known.map_or(0, |known| known.head))
    }
}

fn is_large(effect: &Effect) -> bool {
    matches!(effect, Effect::ApplyPage(page) if page.rows.len() > 1)
}

fn without_last_row(mut effect: Effect) -> Effect {
    if let Effect::ApplyPage(page) = &mut effect
        && page.rows.len() > 1
    {
        page.rows.pop();
    }
    effect
}

/// Returns an effect as a bug changes it.
fn altered(bug: Bug, mut effect: Effect) -> Effect {
    match (bug, &mut effect) {
        (Bug::PurgeIgnored, Effect::ApplyPage(page)) => {
            for row in &mut page.rows {
                if let Row::Membership(row) = row {
                    row.purged = false;
                }
            }
        }
        (Bug::CursorFromRows, Effect::ApplyPage(page)) => {
            page.to = page.rows.iter().map(Row::changed_seq).max().unwrap_or(page.to);
        }
        (Bug::CursorBeforeRows, Effect::ApplyPage(Page { rows, .. })) => rows.clear(),
        (Bug::OldRowsOverwrite, Effect::ApplyHistory(history)) => {
            for row in &mut history.rows {
                if let Row::Message(row) = row {
                    row.changed_seq += 1000;
                }
            }
        }
        _ => {}
    }
    effect
}
