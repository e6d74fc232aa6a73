//! The network between devices and servers: requests, responses and frames that are late, lost or
//! doubled.

use super::delays::fail;
use super::state::{Event, Stage, World};
use crate::bugs::Bug;
use crate::check;
use crate::client::{NetworkRequest, Waiting};
use crate::hostile;
use crate::ids::make_id;
use crate::lying_server;
use crate::server::SubmittedOp;
use crate::wire::{Query, Reply, no_response};
use parlour_client::step::ServerResult;
use parlour_protocol::{
    ErrorBody, ErrorClass, ErrorCode, Frame, OpId, Page, Pulled, PulledStream, Row, StreamId,
};
use parlour_server::Change;
use parlour_sync::Input;

impl World {
    pub(super) fn receive_request(&mut self, client: usize, life: u64, request: NetworkRequest) {
        let delay = self.delay();
        if let Some(code) = self.rejection(client, &request) {
            return self.schedule(delay, fail(client, life, request, code));
        }
        let up: Vec<usize> =
            (0..self.servers.nodes.len()).filter(|node| self.servers.nodes[*node].is_up).collect();
        let Some(node) = self.rng.pick(&up).copied() else {
            return self.schedule(delay, fail(client, life, request, ErrorCode::Offline));
        };
        let user = self.clients[client].user;
        match request {
            NetworkRequest::Connect(_) if self.now < self.socket_blocked_until[client] => {
                self.count("a socket is blocked");
                self.schedule(delay, fail(client, life, request, ErrorCode::NoWebsocket));
            }
            NetworkRequest::Ping(ping) => {
                let is_lost = self.is_lost(client);
                if self.sockets[client] != 0 && !is_lost {
                    self.schedule_after(delay, Event::Input(client, life, Input::Pong(ping)));
                }
            }
            NetworkRequest::Connect(tried) => {
                if self.clients[client].life == life && self.clients[client].attempts == tried {
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
                self.servers.nodes[node].waiting.push(SubmittedOp {
                    client,
                    number,
                    user,
                    op,
                    epoch,
                });
                let slow = self.has_faults && self.rng.permille(50);
                let wait = if slow { self.rng.between(500, 5000) } else { self.rng.below(20) };
                self.schedule_after(wait, Event::Commit(node));
            }
            NetworkRequest::Call(number, query) => {
                if self.has(Bug::NoHeadsCheck) && matches!(query, Query::Heads(1.., _)) {
                    return;
                }
                let response = self.servers.respond((client, user), &query);
                let response =
                    if self.has(Bug::NoReset) { without_resets(response) } else { response };
                if self.is_lost(client) {
                    self.count("a response is lost");
                    let lost = Err(no_response(ErrorCode::Offline));
                    return self.schedule_after(30_000, Event::Response(client, number, lost));
                }
                self.schedule_after(delay, Event::Response(client, number, response));
            }
            // These do not reach a server.
            NetworkRequest::HangUp | NetworkRequest::Pause => {}
        }
    }

    /// Returns the error with which a server, or a proxy in front of it, rejects a request, if any.
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
        if !self.has_faults || !self.rng.permille(30) {
            return None;
        }
        self.count("a proxy or an overloaded server answers");
        let proxy = if self.has(Bug::ProxyErrorRefuses) {
            ErrorCode::Forbidden
        } else {
            ErrorCode::NotAServer
        };
        let codes = [
            proxy,
            proxy,
            ErrorCode::Retry,
            ErrorCode::RateLimited,
            ErrorCode::Internal,
            ErrorCode::Overloaded,
        ];
        self.rng.pick(&codes).copied()
    }

    pub(super) fn commit(&mut self, node: usize) -> Result<(), String> {
        if !self.servers.nodes[node].is_up || self.servers.nodes[node].waiting.is_empty() {
            return Ok(());
        }
        // The commit fails: every sender gets an error and has to retry.
        if self.has_faults && self.rng.permille(20) {
            self.count("a commit fails");
            let image = self.has(Bug::AnnouncedBeforeCommit).then(|| self.servers.core.image());
            if self.has(Bug::SeqGapAfterRollback) {
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
        if self.has_faults && self.rng.permille(20) {
            self.count("a server crashes after a commit");
            self.crash(node);
            answers.into_iter().for_each(|(pending, _)| self.fail_op(pending));
            return Ok(());
        }
        if self.has_faults && self.rng.permille(30) {
            self.count("a commit is not announced");
            let is_rows = |change: &Change| {
                matches!(
                    change,
                    Change::Rows(_) | Change::Deferrable(_) | Change::RowsExceptTo { .. }
                )
            };
            changes.retain(|change| !is_rows(change));
        }
        self.servers.publish(node, changes);
        for (pending, response) in answers {
            if let Ok(done) = &response {
                hostile::check_response(self, pending.user, done)?;
            }
            let (client, number, delay) = (pending.client, pending.number, self.delay());
            if self.is_lost(client) {
                self.count("a response is lost");
                let lost = Err(no_response(ErrorCode::Offline));
                self.schedule_after(30_000, Event::Response(client, number, lost));
                continue;
            }
            self.schedule_after(delay, Event::Response(client, number, response.map(Reply::Done)));
            if self.has_faults && self.rng.permille(20) {
                self.count("a request is duplicated");
                self.servers.nodes[node].waiting.push(pending);
                self.schedule_after(delay, Event::Commit(node));
            }
        }
        Ok(())
    }

    pub(super) fn fail_op(&mut self, pending: SubmittedOp) {
        let delay = self.delay();
        let failed = Err(no_response(ErrorCode::Retry));
        self.schedule_after(delay, Event::Response(pending.client, pending.number, failed));
    }

    /// Delivers the frames and hints that the nodes send.
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
                if self.has_faults && self.rng.permille(100) {
                    self.count("a hint between servers is lost");
                    continue;
                }
                let delay = self.delay();
                self.schedule_after(delay, Event::Hints(node, from, hints.clone()));
            }
        }
        Ok(())
    }

    pub(super) fn push(&mut self, client: usize, frame: Option<Frame>) {
        let socket = self.sockets[client];
        if socket == 0 {
            return;
        }
        // A client closes a socket whose first frame is not the Hello, so the Hello is never lost alone.
        let is_first_or_last = matches!(frame, None | Some(Frame::Hello { .. }));
        if self.has_faults && !is_first_or_last && self.rng.permille(20) {
            return self.count("a frame is lost");
        }
        let delay = self.delay();
        if self.has_faults && self.rng.permille(20) {
            self.count("a frame is duplicated");
            let again = self.delay();
            self.schedule_after(again, Event::Frame(client, socket, frame.clone()));
        }
        self.schedule_after(delay, Event::Frame(client, socket, frame));
    }

    pub(super) fn frame(&mut self, client: usize, socket: u64, frame: Option<Frame>) {
        if self.sockets[client] != socket {
            return;
        }
        match frame {
            None => {
                self.close(client);
                self.deliver_input(client, Input::Disconnected(no_response(ErrorCode::Retry)));
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
            Some(Frame::Change(mut page)) if self.has(Bug::TermNotChanged) => {
                for row in &mut page.rows {
                    if let Row::Membership(row) = row {
                        row.term = 1;
                    }
                }
                self.deliver_input(client, Input::Frame(Frame::Change(page)));
            }
            Some(frame) if self.server_lies_now() => {
                let frame = lying_server::corrupt_frame(frame, &mut self.rng);
                self.deliver_input(client, Input::Frame(frame));
            }
            Some(frame) => self.deliver_input(client, Input::Frame(frame)),
        }
    }
}

fn without_resets(response: ServerResult<Reply>) -> ServerResult<Reply> {
    let to_retry = |mut error: ErrorBody| {
        if error.code.class() == ErrorClass::Resync {
            error.code = ErrorCode::Retry;
        }
        error
    };
    match response.map_err(to_retry)? {
        Reply::Pulled(Pulled { answers }) => {
            let to_retry = |response| match response {
                PulledStream::Error(error) => PulledStream::Error(to_retry(error)),
                other => other,
            };
            Ok(Reply::Pulled(Pulled { answers: answers.into_iter().map(to_retry).collect() }))
        }
        other => Ok(other),
    }
}
