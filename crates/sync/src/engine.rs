//! The sync engine: every decision of the sync.

mod connection;
mod responses;

use crate::backoff::{Backoff, Jitter};
use crate::lanes::Lanes;
use crate::link::{Link, POLL_MS, is_no_answer};
use crate::now::Now;
use crate::port::{ConnectionStatus, Effect, Input, Start};
use crate::streams::{KnownHead, Stream, Streams};
use crate::verify::{Section, Verify};
use parlour_protocol::{
    ConversationId, ErrorBody, ErrorClass, ErrorCode, Frame, Head, Heads, OpId, StreamId, UserId,
    limits,
};

/// Maximum time between two requests for the heads while connected, in case every push is lost.
const HEADS_EVERY_MS: i64 = 60_000;

/// Decides what to do next; see the crate's documentation.
#[derive(Debug)]
pub struct Engine {
    user_id: UserId,
    epoch: String,
    watermark: i64,
    streams: Streams,
    lanes: Lanes,
    /// The connection as it was last announced to the driver.
    connection: ConnectionStatus,
    link: Link,
    heads_requested_at: Option<Now>,
    heads_needed: bool,
    heads_backoff: Backoff,
    heads_at: Now,
    visible: Option<ConversationId>,
    verify: Verify,
    jitter: Jitter,
    resets: u64,
    /// Maximum size of the rows to request in one response, in bytes.
    response_bytes: usize,
    /// Number of consecutive successful responses.
    good_responses: u32,
    /// Number of responses that made no progress although there was more to come.
    stalls: u64,
}

impl Engine {
    /// Creates an engine from the stored state.
    pub fn new(start: Start) -> Self {
        let mut lanes = Lanes::default();
        start.ops.into_iter().for_each(|op| lanes.push(op));
        let streams = start.streams.into_iter().map(|s| {
            let mut stream = Stream::new(s.term, s.cursor, s.head, s.floor, s.active_at);
            stream.newest = s.newest;
            (s.stream, stream)
        });
        let mut streams = Streams { all: streams.collect(), limits: start.limits, lost: 0 };
        for stream in [StreamId::Directory, StreamId::Account(start.user_id)] {
            streams.record_head(Head { stream, term: 0, head: 0 });
            let known = streams.all.get_mut(&stream).expect("it was just learnt");
            known.cursor = known.cursor.or(Some(0));
        }
        Self {
            user_id: start.user_id,
            epoch: start.epoch,
            watermark: start.watermark,
            streams,
            lanes,
            connection: ConnectionStatus::Offline,
            link: Link::default(),
            heads_requested_at: None,
            heads_needed: false,
            heads_backoff: Backoff::default(),
            heads_at: 0,
            visible: None,
            verify: Verify::new(start.user_id),
            jitter: Jitter::new(start.seed),
            resets: 0,
            response_bytes: limits::PAGE_BYTES,
            good_responses: 0,
            stalls: 0,
        }
    }

    /// Returns the server's epoch for which the cursors are valid.
    pub fn epoch(&self) -> &str {
        &self.epoch
    }

    /// Returns the state of the connection to the server.
    pub fn connection(&self) -> ConnectionStatus {
        self.connection
    }

    /// Returns whether everything is being compared because the user requested it.
    pub fn is_comparing(&self) -> bool {
        self.verify.is_requested()
    }

    /// Returns how often a stream had to start again or a fetch was given up as lost (the watchdog); it
    /// rarely happens.
    pub fn resets(&self) -> u64 {
        self.resets + self.streams.lost
    }

    /// Returns the maximum size of the rows to request in one response, in bytes; it shrinks after
    /// a response that was too large to be read.
    pub fn response_bytes(&self) -> usize {
        self.response_bytes
    }

    /// Returns how often a response made no progress although there was more to come: never, with a
    /// correct server.
    pub fn stalls(&self) -> u64 {
        self.stalls
    }

    /// Returns the number of streams that are behind because several consecutive fetches failed.
    pub fn failing_streams(&self) -> usize {
        self.streams.failing()
    }

    /// Returns for each stream the newest change and the position of the newest message that the server is known
    /// to have.
    pub fn known_heads(&self) -> impl Iterator<Item = (StreamId, KnownHead)> {
        let known = |stream: &Stream| KnownHead { change: stream.head, message: stream.newest };
        self.streams.all.iter().map(move |(id, stream)| (*id, known(stream)))
    }

    /// Returns the streams that are behind the server.
    pub fn outdated(&self) -> impl Iterator<Item = StreamId> {
        let outdated = self.streams.all.iter().filter(|(_, stream)| !stream.is_current());
        outdated.map(|(id, _)| *id)
    }

    /// Returns whether the mirror has everything that the last heads announced, except what cannot be
    /// fetched.
    pub fn is_caught_up(&self) -> bool {
        let has_heads = !self.heads_needed && self.heads_requested_at.is_none();
        self.link.is_up() && has_heads && self.streams.are_current()
    }

    /// Handles an input; returns what the driver must do, in order.
    pub fn handle(&mut self, input: Input, now: Now) -> Vec<Effect> {
        let mut effects = Vec::new();
        match input {
            Input::Started => self.connect(&mut effects),
            Input::CheckConnection => self.check_connection(now, &mut effects),
            Input::Pong(ping) => self.pong(ping, &mut effects),
            Input::Frame(frame) => {
                self.record_received(now);
                self.frame(frame, now, &mut effects);
            }
            Input::Disconnected(error) => self.disconnected(&error, now, &mut effects),
            Input::Heads(since, response) => self.heads(since, response, now, &mut effects),
            Input::Pulled(fetches, response) => self.pulled(fetches, response, now, &mut effects),
            Input::History(fetch, response) => match response {
                Ok(history) => self.history(history, now, &mut effects),
                Err(error) => {
                    if error.code == ErrorCode::ResponseTooLarge {
                        self.record_response_size(false);
                    }
                    self.fetch_failed(fetch, &error, now, &mut effects);
                }
            },
            Input::Queued(op) => self.lanes.push(op),
            Input::LaneChanged(lane, ops) => self.lanes.reload(lane, ops.into_iter()),
            Input::Sent(id, response) => self.sent(id, response, now, &mut effects),
            Input::Verified(section, response) => self.verified(section, response, now),
            Input::VerifyAll => self.verify.start_now(now),
            Input::Limits(limits) => self.streams.limits = limits,
            Input::Older(id) => {
                let stream = self.streams.all.get_mut(&StreamId::Conversation(id));
                stream.into_iter().for_each(Stream::request_older);
            }
            Input::Watching(conversation) => self.visible = conversation,
            Input::Woke => self.give_up_if_silent(now, &mut effects),
        }
        self.push_due(now, &mut effects);
        effects
    }

    /// Starts everything that is due, and requests to be woken for the rest.
    fn push_due(&mut self, now: Now, effects: &mut Vec<Effect>) {
        // A new engine takes over; this one must do nothing more.
        if effects.iter().any(|effect| matches!(effect, Effect::BeginEpoch(_))) {
            return;
        }
        if self.has_given_up() {
            return;
        }
        self.reconnect_if_due(now, effects);
        let mut wake = self.link.wake_at(now);
        if self.link.is_up() || self.link.is_blocked() {
            let heads_at = self.request_heads(now, effects);
            wake = wake.into_iter().chain([heads_at]).min();
        }
        if self.link.is_up() {
            // Sending an op may depend on the server's epoch being known; so may a pull.
            if !self.epoch.is_empty() {
                let due = self.streams.take_due(now, self.visible);
                effects.extend(due.pulls.into_iter().map(Effect::Pull));
                effects.extend(due.history.into_iter().map(Effect::FetchHistory));
                effects.extend(self.lanes.take_due(now).into_iter().map(Effect::Send));
            }
            let verify_at = self.verify(now, effects);
            wake = [wake, verify_at, self.streams.wake_at(now), self.lanes.wake_at(now)]
                .into_iter()
                .flatten()
                .min();
        }
        effects.extend(wake.map(Effect::WakeAt));
    }

    /// Requests the heads if that is due; returns when to check again.
    fn request_heads(&mut self, now: Now, effects: &mut Vec<Effect>) -> Now {
        if now - self.heads_at >= HEADS_EVERY_MS {
            // A request that takes this long counts as lost.
            (self.heads_needed, self.heads_requested_at) = (true, None);
        }
        self.heads_needed |= self.link.polls && now - self.heads_at >= POLL_MS;
        if self.heads_needed && self.heads_requested_at.is_none() && self.heads_backoff.is_due(now)
        {
            (self.heads_needed, self.heads_requested_at, self.heads_at) = (false, Some(now), now);
            effects.push(Effect::FetchHeads { watermark: self.watermark });
        }
        let polls = self.link.polls && self.heads_requested_at.is_none();
        let every = if polls { POLL_MS } else { HEADS_EVERY_MS };
        self.heads_backoff.due_at(now).unwrap_or(self.heads_at + every)
    }

    fn set_connection(&mut self, connection: ConnectionStatus, effects: &mut Vec<Effect>) {
        if self.connection != connection {
            self.connection = connection;
            effects.push(Effect::ReportConnection(connection));
        }
    }

    fn frame(&mut self, frame: Frame, now: Now, effects: &mut Vec<Effect>) {
        match frame {
            Frame::Hello { epoch, .. } => {
                self.hello_received(effects);
                self.streams.retry_now();
                self.lanes.retry_now();
                (self.heads_needed, self.heads_requested_at) = (true, None);
                self.check_epoch(&epoch, effects);
            }
            Frame::Change(page) => self.page(page, false, now, effects),
            Frame::Hint { heads } => {
                heads.into_iter().for_each(|head| self.streams.record_head(head))
            }
            // A lower watermark may mean that the server was restored, which the heads will show.
            Frame::Heartbeat { wm } => self.heads_needed |= wm != self.watermark,
            // The driver closes the socket and reports it.
            Frame::Bye { .. } | Frame::Unknown => {}
            // These are not stored.
            Frame::Typing { .. } | Frame::Presence { .. } => {}
        }
    }

    fn check_epoch(&mut self, epoch: &str, effects: &mut Vec<Effect>) -> bool {
        let is_same = self.epoch == epoch;
        if !is_same {
            effects.push(Effect::BeginEpoch(epoch.into()));
        }
        is_same
    }

    fn heads(
        &mut self,
        since: i64,
        response: Result<Heads, ErrorBody>,
        now: Now,
        effects: &mut Vec<Effect>,
    ) {
        self.heads_requested_at = None;
        match response {
            Ok(heads) => {
                self.heads_backoff = Backoff::default();
                self.request_succeeded(now, effects);
                if !self.check_epoch(&heads.epoch, effects) {
                    return;
                }
                // Requested before the stream was reset: the response lacks what must be received
                // again.
                if since > self.watermark {
                    self.heads_needed = true;
                } else {
                    self.watermark = heads.wm;
                    heads.heads.iter().for_each(|head| self.record_head(*head, effects));
                    heads.newest.iter().for_each(|newest| self.streams.record_newest(newest));
                    effects.push(Effect::SaveHeads(heads));
                }
            }
            Err(error) => {
                self.heads_needed = true;
                // A failure caused by a lost connection does not delay the next request.
                if self.link.is_up() || !is_no_answer(error.code) {
                    self.heads_backoff.record_failure(now, error.retry_after_ms, &mut self.jitter);
                }
                self.stop_if_revoked(&error, effects);
                self.request_failed(&error, now, effects);
            }
        }
    }

    /// Records a head with its term. Another term is another membership, for which the stream starts again.
    fn record_head(&mut self, head: Head, effects: &mut Vec<Effect>) {
        self.streams.record_head(head);
        let Some(stream) = self.streams.all.get_mut(&head.stream) else { return };
        // The response may be older than what was received since, or the server may have lost
        // changes: a pull will show which.
        if head.head > 0 && stream.cursor.is_some_and(|cursor| cursor > head.head) {
            stream.head = stream.head.max(stream.cursor.unwrap_or(0).saturating_add(1));
        }
        let known = std::mem::replace(&mut stream.term, head.term);
        // A term of 0 means that the term is not known yet: the stream is known only from a push.
        if known != head.term && known != 0 {
            self.reset(head.stream, effects);
        }
    }

    fn reset(&mut self, id: StreamId, effects: &mut Vec<Effect>) {
        let Some(stream) = self.streams.all.get_mut(&id) else { return };
        stream.reset();
        if !matches!(id, StreamId::Conversation(_)) {
            stream.cursor = Some(0);
        }
        self.resets += 1;
        self.heads_needed = true;
        self.watermark = 0;
        effects.push(Effect::ResetStream(id));
    }

    /// Starts to compare a part of the mirror, if that is due and there is nothing else to do. Returns
    /// when to check again, or `None` if other work comes first, which wakes the engine anyway.
    fn verify(&mut self, now: Now, effects: &mut Vec<Effect>) -> Option<Now> {
        if self.verify.due_at(now) <= now {
            if !self.lanes.is_idle() || !self.streams.is_idle() {
                return None;
            }
            effects.extend(self.verify.take_due(now).map(Effect::Verify));
        }
        Some(self.verify.due_at(now))
    }

    fn verified(&mut self, section: Section, response: Result<Option<i64>, ErrorBody>, now: Now) {
        let next = |id| self.streams.conversation_after(id);
        match response {
            Ok(low) => self.verify.record_compared(section, low, now, next),
            Err(error) if error.code.class() == ErrorClass::Retry => self.verify.failed(now),
            // Other code finds out what is wrong with this one; the comparison continues with the
            // others.
            Err(_) => self.verify.record_compared(section, None, now, next),
        }
    }

    fn stop_if_revoked(&mut self, error: &ErrorBody, effects: &mut Vec<Effect>) {
        match error.code.class() {
            ErrorClass::SignIn => {
                let connection = match error.code {
                    ErrorCode::Revoked => ConnectionStatus::Revoked { wipe: false },
                    ErrorCode::Wipe => ConnectionStatus::Revoked { wipe: true },
                    _ => ConnectionStatus::SignedOut,
                };
                self.set_connection(connection, effects);
            }
            ErrorClass::Outdated => self.set_connection(ConnectionStatus::Outdated, effects),
            ErrorClass::Retry | ErrorClass::Resync | ErrorClass::Refused => {}
        }
    }

    fn sent(
        &mut self,
        id: OpId,
        response: Result<(), ErrorBody>,
        now: Now,
        effects: &mut Vec<Effect>,
    ) {
        let Err(error) = response else { return self.lanes.remove(id) };
        if error.code.class() == ErrorClass::Refused {
            self.lanes.refuse(id);
            effects.push(Effect::Refuse(id, error));
            return;
        }
        // The server was restored; its heads will show that.
        self.heads_needed |= error.code == ErrorCode::Epoch;
        self.lanes.record_failure(id, now, error.retry_after_ms, &mut self.jitter);
        self.stop_if_revoked(&error, effects);
    }
}
