//! What lies between devices and servers: requests, answers and frames, late, lost or twice.

use super::state::{Event, Stage, World};
use crate::bugs::Bug;
use crate::check;
use crate::client::Want;
use crate::hostile;
use crate::ids::made;
use crate::liar;
use crate::server::{Asked, no_answer};
use parlour_protocol::{
    ErrorClass, ErrorCode, Frame, Op, OpDone, OpId, Page, PulledStream, Row, StreamId,
};
use parlour_server::Change;
use parlour_server::core::Answer;
use parlour_sync::{Effect, Input};

impl World {
    pub(super) fn is_lost(&mut self, client: usize) -> bool {
        self.now < self.cut_until[client] || (self.is_troubled && self.dice.permille(40))
    }

    pub(super) fn delay(&mut self) -> i64 {
        if self.is_troubled && self.dice.permille(30) {
            return self.dice.between(1000, 15_000);
        }
        self.dice.between(1, 80)
    }

    pub(super) fn reach(&mut self, client: usize, life: u64, want: Want) {
        let delay = self.delay();
        if let Some(code) = self.hindrance(&want) {
            return self.after(delay, fail(client, life, want, code));
        }
        let up: Vec<usize> =
            (0..self.servers.nodes.len()).filter(|node| self.servers.nodes[*node].is_up).collect();
        let Some(node) = self.dice.pick(&up).copied() else {
            return self.after(delay, fail(client, life, want, ErrorCode::Offline));
        };
        let user = self.clients[client].user;
        let is_lost = self.is_lost(client);
        match want {
            Want::Connect(_) if self.now < self.barred_until[client] => {
                self.count("no socket passes");
                self.after(delay, fail(client, life, want, ErrorCode::NoUpgrade));
            }
            Want::Ping(ping) => {
                if self.sockets[client] != 0 && !is_lost {
                    self.after(delay, Event::Tell(client, life, Input::Pong(ping)));
                }
            }
            Want::Connect(tried) => {
                if self.clients[client].life == life && self.clients[client].tries == tried {
                    self.close(client);
                    self.opened += 1;
                    self.sockets[client] = self.opened;
                    let hello = self.servers.enter(node, client, user);
                    self.push(client, Some(hello));
                }
            }
            Want::Ask(effect, epoch) => {
                if self.has(Bug::NoHeadsCheck)
                    && matches!(effect, Effect::FetchHeads { wm } if wm > 0)
                {
                    return;
                }
                let proof = self.clients[client].store().proof().unwrap_or_default();
                let input = self.servers.answer((client, user), &effect, (&epoch, &proof));
                let input = if self.has(Bug::NoReset) { without_resets(input) } else { input };
                if is_lost {
                    self.count("an answer is lost");
                    let want = Want::Ask(effect, epoch);
                    return self.after(30_000, fail(client, life, want, ErrorCode::Offline));
                }
                self.after(delay, Event::Tell(client, life, input));
            }
            Want::Compare(place, part, epoch) => {
                let theirs = self.servers.compare(user, &part, &epoch);
                self.after(delay, Event::Compared(client, life, place, part, theirs));
            }
            Want::Send(mut op, epoch) => {
                if self.has(Bug::RetryWithNewId) && !self.sent_once.insert(op.id) {
                    op.id = OpId(made(11, self.scheduled));
                }
                self.servers.nodes[node].waiting.push(Asked { client, life, user, op, epoch });
                let slow = self.is_troubled && self.dice.permille(50);
                let wait = if slow { self.dice.between(500, 5000) } else { self.dice.below(20) };
                self.after(wait, Event::Commit(node));
            }
        }
    }

    /// Why a server, or what is in front of it, does not do it.
    pub(super) fn hindrance(&mut self, want: &Want) -> Option<ErrorCode> {
        let is_pull = matches!(want, Want::Ask(Effect::Pull(fetches), _)
            if fetches.iter().any(|fetch| matches!(fetch.stream, StreamId::Conversation(_))));
        let is_send = matches!(want, Want::Send(..));
        match self.stage {
            Stage::NoPulls if is_pull => return Some(ErrorCode::Retry),
            Stage::NoSends if is_send => return Some(ErrorCode::Retry),
            _ => {}
        }
        if !self.is_troubled || !self.dice.permille(30) {
            return None;
        }
        self.count("a proxy or an overloaded server answers");
        let proxy =
            if self.has(Bug::ProxyRefuses) { ErrorCode::Forbidden } else { ErrorCode::NotAServer };
        let codes = [
            proxy,
            proxy,
            ErrorCode::Retry,
            ErrorCode::Rate,
            ErrorCode::Internal,
            ErrorCode::Overloaded,
        ];
        self.dice.pick(&codes).copied()
    }

    pub(super) fn commit(&mut self, node: usize) -> Result<(), String> {
        if !self.servers.nodes[node].is_up || self.servers.nodes[node].waiting.is_empty() {
            return Ok(());
        }
        // A commit that fails: everybody is told to try again.
        if self.is_troubled && self.dice.permille(20) {
            self.count("a commit fails");
            let image = self.has(Bug::AnnouncedBeforeCommit).then(|| self.servers.core.image());
            if self.has(Bug::SeqUsedUp) {
                self.servers.core.damage("UPDATE conversations SET last_seq = last_seq + 1");
            }
            if let Some(image) = image {
                let epoch = self.servers.core.epoch();
                let (asked, changes) = self.servers.commit(node, self.now);
                self.servers.core = parlour_server::core::Core::new(&epoch, Some(&image));
                self.servers.publish(node, changes);
                asked.into_iter().for_each(|(asked, _)| self.fail_op(asked));
                return Ok(());
            }
            let asked = std::mem::take(&mut self.servers.nodes[node].waiting);
            asked.into_iter().for_each(|asked| self.fail_op(asked));
            return Ok(());
        }
        let (answers, mut changes) = self.servers.commit(node, self.now);
        if self.is_troubled && self.dice.permille(20) {
            self.count("a server dies after a commit");
            self.crash(node);
            answers.into_iter().for_each(|(asked, _)| self.fail_op(asked));
            return Ok(());
        }
        if self.is_troubled && self.dice.permille(30) {
            self.count("what was committed is not announced");
            let is_rows = |change: &Change| {
                matches!(change, Change::Rows(_) | Change::Later(_) | Change::Apart { .. })
            };
            changes.retain(|change| !is_rows(change));
        }
        self.servers.publish(node, changes);
        for (asked, answer) in answers {
            let Asked { client, life, user, op, epoch } = asked;
            if let Ok(done) = &answer {
                hostile::answered(self, user, done)?;
            }
            let delay = self.delay();
            if self.is_lost(client) {
                self.count("an answer is lost");
                let want = Want::Send(op, epoch);
                self.after(30_000, fail(client, life, want, ErrorCode::Offline));
                continue;
            }
            self.after(delay, Event::Keep(client, life, op.clone(), answer.clone()));
            if self.is_troubled && self.dice.permille(20) {
                self.count("a request comes twice");
                let again = Asked { client, life, user, op, epoch };
                self.servers.nodes[node].waiting.push(again);
                self.after(delay, Event::Commit(node));
            }
        }
        Ok(())
    }

    pub(super) fn fail_op(&mut self, asked: Asked) {
        let Asked { client, life, op, epoch, .. } = asked;
        let delay = self.delay();
        self.after(delay, fail(client, life, Want::Send(op, epoch), ErrorCode::Retry));
    }

    pub(super) fn keep(&mut self, client: usize, op: &Op, answer: Answer<OpDone>) {
        let answer = match answer {
            Ok(mut done) => {
                if self.lies_now() {
                    done = liar::twist_done(done, &mut self.dice);
                }
                self.clients[client].at(self.now);
                self.clients[client].keep(op, &done, self.now, self.bug)
            }
            Err(error) => Err(error),
        };
        if answer.is_err() && self.has(Bug::NeverAgain) {
            return;
        }
        self.tell(client, Input::Sent(op.id, answer));
        if self.has(Bug::OvertakesRefused) {
            let store = self.clients[client].store();
            let open = store.open_ops().unwrap_or_default();
            let lines: Vec<_> = open
                .iter()
                .filter(|open| open.op.conversation_id == op.conversation_id)
                .map(parlour_client::effects::queued)
                .filter(|queued| !queued.refused)
                .collect();
            if let Some(first) = lines.first() {
                self.tell(client, Input::Reloaded(first.lane, lines.clone()));
            }
        }
    }

    /// Hands on what the nodes have for their sockets and for each other.
    pub(super) fn deliver(&mut self) -> Result<(), String> {
        for (client, frame) in self.servers.frames() {
            if let Some(frame) = &frame {
                check::may_see(self, client, frame)?;
            }
            self.push(client, frame);
        }
        for (from, hints) in self.servers.hints() {
            for node in 0..self.servers.nodes.len() {
                if node == from {
                    continue;
                }
                if self.is_troubled && self.dice.permille(100) {
                    self.count("a hint between servers is lost");
                    continue;
                }
                let delay = self.delay();
                self.after(delay, Event::Hear(node, from, hints.clone()));
            }
        }
        Ok(())
    }

    pub(super) fn push(&mut self, client: usize, frame: Option<Frame>) {
        let socket = self.sockets[client];
        if socket == 0 {
            return;
        }
        // A socket whose first frame is not the hello is given up, so that is never lost alone.
        let is_either_end = matches!(frame, None | Some(Frame::Hello { .. }));
        if self.is_troubled && !is_either_end && self.dice.permille(20) {
            return self.count("a frame is lost");
        }
        let delay = self.delay();
        if self.is_troubled && self.dice.permille(20) {
            self.count("a frame comes twice");
            let again = self.delay();
            self.after(again, Event::Frame(client, socket, frame.clone()));
        }
        self.after(delay, Event::Frame(client, socket, frame));
    }

    pub(super) fn frame(&mut self, client: usize, socket: u64, frame: Option<Frame>) {
        if self.sockets[client] != socket {
            return;
        }
        match frame {
            None => {
                self.close(client);
                self.tell(client, Input::Disconnected(no_answer(ErrorCode::Retry)));
            }
            Some(Frame::Change(page)) if self.has(Bug::GapIgnored) => {
                let from = page.from.min(0);
                self.tell(client, Input::Frame(Frame::Change(Page { from, ..page })));
            }
            Some(Frame::Change(mut page)) if self.has(Bug::LeavingMissed) => {
                page.rows
                    .retain(|row| !matches!(row, Row::Membership(row) if row.left_at.is_some()));
                self.tell(client, Input::Frame(Frame::Change(page)));
            }
            Some(Frame::Change(mut page)) if self.has(Bug::TermKept) => {
                for row in &mut page.rows {
                    if let Row::Membership(row) = row {
                        row.term = 1;
                    }
                }
                self.tell(client, Input::Frame(Frame::Change(page)));
            }
            Some(frame) if self.lies_now() => {
                let frame = liar::twist_frame(frame, &mut self.dice);
                self.tell(client, Input::Frame(frame));
            }
            Some(frame) => self.tell(client, Input::Frame(frame)),
        }
    }

    pub(super) fn close(&mut self, client: usize) {
        self.sockets[client] = 0;
        self.servers.leave(client);
    }
}

/// The event by which a device learns that it gets no answer.
pub(super) fn fail(client: usize, life: u64, want: Want, code: ErrorCode) -> Event {
    let error = no_answer(code);
    let input = match want {
        Want::Connect(tried) => return Event::Ended(client, life, tried, code),
        Want::Ask(Effect::Pull(fetches), _) => Input::Pulled(fetches, Err(error)),
        Want::Ask(Effect::FetchHistory(fetch), _) => Input::History(fetch, Err(error)),
        Want::Ask(Effect::FetchHeads { wm }, _) => Input::Heads(wm, Err(error)),
        Want::Ask(..) | Want::Ping(_) => Input::Woke,
        Want::Compare(place, ..) => Input::Verified(place, Err(error)),
        Want::Send(op, _) => return Event::Keep(client, life, op, Err(error)),
    };
    Event::Tell(client, life, input)
}

fn without_resets(input: Input) -> Input {
    let soften = |mut error: parlour_protocol::ErrorBody| {
        if error.code.class() == ErrorClass::Resync {
            error.code = ErrorCode::Retry;
        }
        error
    };
    match input {
        Input::Pulled(asked, Ok(answers)) => {
            let soften = |answer| match answer {
                PulledStream::Error(error) => PulledStream::Error(soften(error)),
                other => other,
            };
            Input::Pulled(asked, Ok(answers.into_iter().map(soften).collect()))
        }
        Input::History(fetch, answer) => Input::History(fetch, answer.map_err(soften)),
        other => other,
    }
}
