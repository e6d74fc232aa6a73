//! The network between devices and servers: requests, answers and frames that are late, lost or
//! doubled.

use super::delays::fail;
use super::state::{Event, Stage, World};
use crate::bugs::Bug;
use crate::check;
use crate::client::{NetworkRequest, Waiting};
use crate::hostile;
use crate::ids::make_id;
use crate::liar;
use crate::server::PendingOp;
use crate::wire::{Query, Reply, no_answer};
use parlour_client::step::Answer;
use parlour_protocol::{
    ErrorBody, ErrorClass, ErrorCode, Frame, OpId, Page, Pulled, PulledStream, Row, StreamId,
};
use parlour_server::Change;
use parlour_sync::Input;

impl World {
    pub(super) fn reach(&mut self, client: usize, life: u64, request: NetworkRequest) {
        let delay = self.delay();
        if let Some(code) = self.rejection(client, &request) {
            return self.later(delay, fail(client, life, request, code));
        }
        let up: Vec<usize> =
            (0..self.servers.nodes.len()).filter(|node| self.servers.nodes[*node].is_up).collect();
        let Some(node) = self.dice.pick(&up).copied() else {
            return self.later(delay, fail(client, life, request, ErrorCode::Offline));
        };
        let user = self.clients[client].user;
        match request {
            NetworkRequest::Connect(_) if self.now < self.barred_until[client] => {
                self.count("no socket passes");
                self.later(delay, fail(client, life, request, ErrorCode::NoUpgrade));
            }
            NetworkRequest::Ping(ping) => {
                let is_lost = self.is_lost(client);
                if self.sockets[client] != 0 && !is_lost {
                    self.after(delay, Event::Input(client, life, Input::Pong(ping)));
                }
            }
            NetworkRequest::Connect(tried) => {
                if self.clients[client].life == life && self.clients[client].tries == tried {
                    self.close(client);
                    self.opened += 1;
                    self.sockets[client] = self.opened;
                    let hello = self.servers.enter(node, client, user);
                    self.push(client, Some(hello));
                }
            }
            NetworkRequest::Call(number, Query::Send(mut op, epoch)) => {
                if self.has(Bug::RetryWithNewId) && !self.sent_once.insert(op.id) {
                    op.id = OpId(make_id(11, self.scheduled));
                }
                self.servers.nodes[node].waiting.push(PendingOp {
                    client,
                    number,
                    user,
                    op,
                    epoch,
                });
                let slow = self.is_troubled && self.dice.permille(50);
                let wait = if slow { self.dice.between(500, 5000) } else { self.dice.below(20) };
                self.after(wait, Event::Commit(node));
            }
            NetworkRequest::Call(number, query) => {
                if self.has(Bug::NoHeadsCheck) && matches!(query, Query::Heads(1.., _)) {
                    return;
                }
                let answer = self.servers.answer((client, user), &query);
                let answer = if self.has(Bug::NoReset) { without_resets(answer) } else { answer };
                if self.is_lost(client) {
                    self.count("an answer is lost");
                    let lost = Err(no_answer(ErrorCode::Offline));
                    return self.after(30_000, Event::Answer(client, number, lost));
                }
                self.after(delay, Event::Answer(client, number, answer));
            }
            // These do not reach a server.
            NetworkRequest::HangUp | NetworkRequest::Pause => {}
        }
    }

    /// Returns the error with which a server, or a proxy in front of it, rejects a request, if it
    /// does.
    pub(super) fn rejection(
        &mut self,
        client: usize,
        request: &NetworkRequest,
    ) -> Option<ErrorCode> {
        match (self.stage, request) {
            // Pulls that are part of sending, to find out who has joined, are not pulls of the
            // mirror.
            (Stage::NoPulls, NetworkRequest::Call(number, Query::Pull(fetches, _)))
                if fetches
                    .iter()
                    .any(|fetch| matches!(fetch.stream, StreamId::Conversation(_)))
                    && !self.clients[client].pending(*number).is_some_and(Waiting::is_send) =>
            {
                return Some(ErrorCode::Retry);
            }
            (Stage::NoSends, NetworkRequest::Call(_, Query::Send(..))) => {
                return Some(ErrorCode::Retry);
            }
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
        // The commit fails: every sender gets an error and has to retry.
        if self.is_troubled && self.dice.permille(20) {
            self.count("a commit fails");
            let image = self.has(Bug::AnnouncedBeforeCommit).then(|| self.servers.core.image());
            if self.has(Bug::SeqUsedUp) {
                self.servers.core.damage("UPDATE conversations SET last_seq = last_seq + 1");
            }
            if let Some(image) = image {
                let epoch = self.servers.core.epoch();
                let (pending, changes) = self.servers.commit(node, self.now);
                self.servers.core = parlour_server::core::Core::new(&epoch, Some(&image));
                self.servers.publish(node, changes);
                pending.into_iter().for_each(|(pending, _)| self.fail_op(pending));
                return Ok(());
            }
            let pending = std::mem::take(&mut self.servers.nodes[node].waiting);
            pending.into_iter().for_each(|pending| self.fail_op(pending));
            return Ok(());
        }
        let (answers, mut changes) = self.servers.commit(node, self.now);
        if self.is_troubled && self.dice.permille(20) {
            self.count("a server dies after a commit");
            self.crash(node);
            answers.into_iter().for_each(|(pending, _)| self.fail_op(pending));
            return Ok(());
        }
        if self.is_troubled && self.dice.permille(30) {
            self.count("what was committed is not announced");
            let is_rows = |change: &Change| {
                matches!(change, Change::Rows(_) | Change::Deferrable(_) | Change::HeadOnly { .. })
            };
            changes.retain(|change| !is_rows(change));
        }
        self.servers.publish(node, changes);
        for (pending, answer) in answers {
            if let Ok(done) = &answer {
                hostile::answered(self, pending.user, done)?;
            }
            let (client, number, delay) = (pending.client, pending.number, self.delay());
            if self.is_lost(client) {
                self.count("an answer is lost");
                let lost = Err(no_answer(ErrorCode::Offline));
                self.after(30_000, Event::Answer(client, number, lost));
                continue;
            }
            self.after(delay, Event::Answer(client, number, answer.map(Reply::Done)));
            if self.is_troubled && self.dice.permille(20) {
                self.count("a request comes twice");
                self.servers.nodes[node].waiting.push(pending);
                self.after(delay, Event::Commit(node));
            }
        }
        Ok(())
    }

    pub(super) fn fail_op(&mut self, pending: PendingOp) {
        let delay = self.delay();
        let failed = Err(no_answer(ErrorCode::Retry));
        self.after(delay, Event::Answer(pending.client, pending.number, failed));
    }

    /// Delivers what the nodes send to their sockets and to each other.
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
                self.after(delay, Event::Hints(node, from, hints.clone()));
            }
        }
        Ok(())
    }

    pub(super) fn push(&mut self, client: usize, frame: Option<Frame>) {
        let socket = self.sockets[client];
        if socket == 0 {
            return;
        }
        // A client closes a socket whose first frame is not the Hello, so Hello is never lost
        // alone.
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
                self.deliver_input(client, Input::Disconnected(no_answer(ErrorCode::Retry)));
            }
            Some(Frame::Change(page)) if self.has(Bug::GapIgnored) => {
                let from = page.from.min(0);
                self.deliver_input(client, Input::Frame(Frame::Change(Page { from, ..page })));
            }
            Some(Frame::Change(mut page)) if self.has(Bug::LeavingMissed) => {
                page.rows
                    .retain(|row| !matches!(row, Row::Membership(row) if row.left_at.is_some()));
                self.deliver_input(client, Input::Frame(Frame::Change(page)));
            }
            Some(Frame::Change(mut page)) if self.has(Bug::TermKept) => {
                for row in &mut page.rows {
                    if let Row::Membership(row) = row {
                        row.term = 1;
                    }
                }
                self.deliver_input(client, Input::Frame(Frame::Change(page)));
            }
            Some(frame) if self.lies_now() => {
                let frame = liar::twist_frame(frame, &mut self.dice);
                self.deliver_input(client, Input::Frame(frame));
            }
            Some(frame) => self.deliver_input(client, Input::Frame(frame)),
        }
    }
}

fn without_resets(answer: Answer<Reply>) -> Answer<Reply> {
    let soften = |mut error: ErrorBody| {
        if error.code.class() == ErrorClass::Resync {
            error.code = ErrorCode::Retry;
        }
        error
    };
    match answer.map_err(soften)? {
        Reply::Pulled(Pulled { answers }) => {
            let soften = |answer| match answer {
                PulledStream::Error(error) => PulledStream::Error(soften(error)),
                other => other,
            };
            Ok(Reply::Pulled(Pulled { answers: answers.into_iter().map(soften).collect() }))
        }
        other => Ok(other),
    }
}
