//! What a device does to its files, and what a bug of it does otherwise.

use super::Client;
use crate::bugs::Bug;
use crate::dice::Dice;
use crate::server::{Compared, no_answer};
use parlour_client::verify::Part;
use parlour_client::{Clock, effects};
use parlour_protocol::{Action, ErrorBody, ErrorCode, Op, OpDone, OpId, Page, Row, StreamId};
use parlour_store::Arrival;
use parlour_sync::{Effect, Place};

impl Client {
    pub(super) fn lacks_something(&self) -> Result<bool, ErrorCode> {
        let state = self.store.sync_state().map_err(|error| error.code())?;
        Ok(state.streams.iter().any(|stream| stream.cursor.is_none_or(|at| at < stream.head)))
    }

    pub(super) fn prepare(&self, id: OpId, bug: Option<Bug>) -> Result<Option<Op>, ErrorBody> {
        if bug == Some(Bug::DraftsOverwrite) {
            let op = effects::prepare(&self.store, id)?;
            return Ok(op.map(|mut op| {
                if let Action::Draft { based_on, .. } = &mut op.action {
                    *based_on = None;
                }
                op
            }));
        }
        if bug == Some(Bug::RewritesTried) {
            let open = self.store.open_op(id).map_err(|error| no_answer(error.code()))?;
            return Ok(open.map(|open| open.op));
        }
        effects::prepare(&self.store, id)
    }

    pub(super) fn write(
        &self,
        effect: &Effect,
        now: i64,
        bug: Option<Bug>,
    ) -> Result<(), ErrorCode> {
        let write = |effect: &Effect| {
            let done = match effect {
                Effect::BeginEpoch(epoch) => self.store.begin_epoch(epoch).map(drop),
                effect => {
                    let effects = std::slice::from_ref(effect);
                    let changes = effects::apply(&self.store, effects).map_err(|e| e.code())?;
                    self.offered.borrow_mut().extend(effects::reloads(&changes));
                    return Ok(());
                }
            };
            done.map_err(|error| error.code())
        };
        let is_full = now < self.full_until;
        match (bug, effect) {
            (Some(Bug::HalfAPage), Effect::ApplyPage(page)) if is_full && page.rows.len() > 1 => {
                let mut half = page.clone();
                half.rows.pop();
                write(&Effect::ApplyPage(half))?;
                Err(ErrorCode::DiskFull)
            }
            _ if is_full => Err(ErrorCode::DiskFull),
            (Some(Bug::PurgeIgnored), Effect::ApplyPage(page)) => {
                let mut page = page.clone();
                for row in &mut page.rows {
                    if let Row::Membership(row) = row {
                        row.purged = false;
                    }
                }
                write(&Effect::ApplyPage(page))
            }
            (Some(Bug::CursorFromRows), Effect::ApplyPage(page)) => {
                let newest = page.rows.iter().map(Row::changed_seq).max().unwrap_or(page.to);
                write(&Effect::ApplyPage(Page { to: newest, ..page.clone() }))
            }
            (Some(Bug::CursorBeforeRows), Effect::ApplyPage(page)) => {
                write(&Effect::ApplyPage(Page { rows: Vec::new(), ..page.clone() }))?;
                if self.clock.now().0 % 5 == 0 {
                    // The process dies between the two.
                    return Err(ErrorCode::Storage);
                }
                let done = OpDone {
                    epoch: page.epoch.clone(),
                    ..OpDone::new(page.stream, page.rows.clone())
                };
                self.store.mirror.apply_done(&done).map(drop).map_err(|error| error.code())
            }
            (Some(Bug::OldRowsWin), Effect::ApplyHistory(history)) => {
                let mut history = history.clone();
                for row in &mut history.rows {
                    if let Row::Message(row) = row {
                        row.changed_seq += 1000;
                    }
                }
                write(&Effect::ApplyHistory(history))
            }
            (Some(Bug::HistoryMovesCursor), Effect::ApplyHistory(history)) => {
                write(effect)?;
                let head = self.head_of(history.stream)?;
                self.move_cursor(history.stream, &history.epoch, history.term, head)
            }
            (Some(Bug::NothingOfferedAgain), Effect::BeginEpoch(_)) => {
                let before = self.store.open_ops().map_err(|error| error.code())?;
                write(effect)?;
                for open in self.store.open_ops().map_err(|error| error.code())? {
                    if !before.iter().any(|known| known.op.id == open.op.id) {
                        self.store.confirm(&open.op).map_err(|error| error.code())?;
                    }
                }
                Ok(())
            }
            _ => write(effect),
        }
    }

    pub(super) fn head_of(&self, stream: StreamId) -> Result<i64, ErrorCode> {
        let state = self.store.sync_state().map_err(|error| error.code())?;
        let known = state.streams.iter().find(|known| known.stream == stream);
        Ok(known.map_or(0, |known| known.head))
    }

    pub(super) fn move_cursor(
        &self,
        stream: StreamId,
        epoch: &str,
        term: i64,
        to: i64,
    ) -> Result<(), ErrorCode> {
        let page = Page { epoch: epoch.into(), stream, term, from: 0, to, head: to, rows: vec![] };
        self.store.mirror.apply(&[Arrival::Page(&page)]).map(drop).map_err(|error| error.code())
    }

    /// Compares a part of the mirror with what a server says, and mends it where it differs.
    pub fn compare(
        &self,
        (place, mut part): (Place, Part),
        (mut digest, rows): Compared,
        now: i64,
        bug: Option<Bug>,
    ) -> Result<Option<i64>, ErrorBody> {
        if now < self.full_until {
            return Err(no_answer(ErrorCode::DiskFull));
        }
        let mirror = &self.store.mirror;
        if bug == Some(Bug::MendsWhatMoved)
            && let Ok(Some(Part::State(standing))) = Part::at(mirror, place)
        {
            digest.head = standing.cursor;
            part = Part::State(standing);
        }
        let is_same = part.is_same(mirror, &digest)?;
        if !is_same {
            part = part.narrowed_to(&rows);
        }
        if let (false, Some(Bug::ComparingDeletes), Part::Messages(stretch)) = (is_same, bug, part)
        {
            let repaired = mirror.repair(&stretch, &digest.epoch, &rows);
            repaired.map_err(|error| no_answer(error.code()))?;
        } else if !is_same && bug != Some(Bug::NothingMended) {
            let (_, changes) = part.mend(&self.store, &digest.epoch, &rows)?;
            self.offered.borrow_mut().extend(effects::reloads(&changes));
        } else if is_same && bug != Some(Bug::ComparingDeletes) {
            let changes = part.settle(&self.store)?;
            self.offered.borrow_mut().extend(effects::reloads(&changes));
        }
        Ok(part.low())
    }

    /// Spoils something in its mirror that no check of the file itself would find.
    pub fn rot(&mut self, dice: &mut Dice) {
        let nth = dice.below(20);
        let one = |what: &str| format!("(SELECT {what} LIMIT 1 OFFSET {nth})");
        let a_key = one("key FROM messages ORDER BY key DESC");
        let a_number = one("number FROM conversations ORDER BY number");
        let a_user = one("user FROM members ORDER BY conversation, user");
        let kinds = [
            format!("UPDATE messages SET body = 'rot' WHERE key = {a_key}"),
            format!("DELETE FROM messages WHERE key = {a_key}"),
            format!("UPDATE conversations SET title = 'rot' WHERE number = {a_number}"),
            format!("UPDATE conversations SET last_read_seq = 0 WHERE number = {a_number}"),
            format!("UPDATE conversations SET pinned_at = 1 WHERE number = {a_number}"),
            format!("DELETE FROM members WHERE user = {a_user}"),
            format!("UPDATE members SET role = 'owner' WHERE user = {a_user}"),
            format!("UPDATE users SET username = 'rot' WHERE number = {a_user}"),
            "DELETE FROM saved".to_owned(),
            "DELETE FROM drafts".to_owned(),
        ];
        let sql = dice.pick(&kinds).expect("a kind");
        self.has_rotted |= self.store.mirror.damage(sql).expect("a statement") > 0;
    }

    /// Keeps what the server answered to an op, and says what to tell the engine.
    pub fn keep(
        &self,
        op: &Op,
        done: &OpDone,
        now: i64,
        bug: Option<Bug>,
    ) -> Result<(), ErrorBody> {
        if now < self.full_until {
            return Err(ErrorBody::new(ErrorCode::DiskFull, "A file of the account failed."));
        }
        if bug == Some(Bug::OutboxLetsGoFirst) {
            let _ = self.store.confirm(op);
            return Ok(());
        }
        effects::complete(&self.store, op, done)?;
        if matches!(op.action, Action::Draft { .. }) {
            let _ = self.session.share_drafts();
        }
        if bug == Some(Bug::AckMovesCursor)
            && let Some(to) = done.rows.iter().map(Row::changed_seq).max()
        {
            let _ = self.move_cursor(done.stream, &self.epoch(), 1, to);
        }
        Ok(())
    }
}
