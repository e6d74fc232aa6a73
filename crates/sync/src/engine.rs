//! Every decision of the sync.

use crate::Now;
use crate::backoff::{Backoff, Dice};
use crate::lanes::{Lane, Lanes, QueuedOp};
use crate::streams::{Fetch, Limits, Stream, Streams};
use crate::verify::{Place, Verify};
use parlour_protocol::{
    Bootstrap, ConversationId, ErrorBody, ErrorClass, ErrorCode, Frame, Head, Heads, History,
    MembershipRow, OpId, Page, PulledStream, Row, StreamId, UserId,
};

/// Heads are asked for at least this often while connected, should every push be lost.
const HEADS_EVERY_MS: i64 = 60_000;

/// What the engine begins with: what is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Start {
    /// Whose mirror it is.
    pub user_id: UserId,
    /// '' before the first contact.
    pub epoch: String,
    /// Up to which heads are known.
    pub wm: i64,
    /// The streams that are followed.
    pub streams: Vec<StartStream>,
    /// What is in the outbox, in order.
    pub ops: Vec<QueuedOp>,
    /// How much history is kept.
    pub limits: Limits,
    /// For jitter.
    pub seed: u64,
}

/// Where a stored stream stands; the fields of the mirror's `streams`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "documented in schema.sql")]
pub struct StartStream {
    pub stream: StreamId,
    pub term: i64,
    pub cursor: Option<i64>,
    pub head: i64,
    pub floor: i64,
    pub newest: i64,
    pub active_at: i64,
}

/// What happened.
#[derive(Debug, Clone)]
pub enum Input {
    /// The driver runs; or the user is signed in again.
    Started,
    /// The socket said something. Its first frame, Hello, means that it stands.
    Frame(Frame),
    /// The socket is gone, or did not come to stand.
    Disconnected(ErrorBody),
    /// The answer to [`Effect::FetchHeads`], which asked since this watermark.
    Heads(i64, Result<Heads, ErrorBody>),
    /// The answer to [`Effect::Pull`], in the same order; the last ones may be left out.
    Pulled(Vec<Fetch>, Result<Vec<PulledStream>, ErrorBody>),
    /// The answer to [`Effect::FetchHistory`].
    History(Fetch, Result<History, ErrorBody>),
    /// The user did something; it is in the outbox.
    Queued(QueuedOp),
    /// The user retried, edited, replaced or discarded something: the lane as the outbox has it now.
    Reloaded(Lane, Vec<QueuedOp>),
    /// The answer to [`Effect::Send`]; what was done is in the mirror.
    Sent(OpId, Result<(), ErrorBody>),
    /// The answer to [`Effect::Verify`]: the place was compared, and mended where it differed; of messages, how
    /// far down, and nothing if there are no more of them.
    Verified(Place, Result<Option<i64>, ErrorBody>),
    /// The user wants everything to be compared now.
    VerifyAll,
    /// How much history is kept, from here on.
    Limits(Limits),
    /// The user has come to the oldest message that is here, and wants more.
    Older(ConversationId),
    /// What the user looks at.
    Watching(Option<ConversationId>),
    /// The machine woke up, the network is back, or the user asked for it.
    Hurry,
    /// The time of [`Effect::WakeAt`].
    Woke,
}

/// What to do.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Open the socket.
    Connect,
    /// Ask for the heads since the watermark.
    FetchHeads {
        /// The watermark.
        wm: i64,
    },
    /// Store heads and watermark, in one write.
    SaveHeads(Heads),
    /// Ask in one request what these streams lack, in this epoch.
    Pull(Vec<Fetch>),
    /// Ask for older messages, in this epoch.
    FetchHistory(Fetch),
    /// Store rows and cursor, in one write.
    ApplyPage(Page),
    /// Store a conversation's beginning and its cursor, in one write.
    ApplyBootstrap(Bootstrap),
    /// Store older messages and the floor, in one write.
    ApplyHistory(History),
    /// Begin this epoch: every cursor is void, and what was sent lately waits again. Then build a
    /// new engine from what is stored, connected as this one is.
    BeginEpoch(String),
    /// Begin this stream anew.
    ResetStream(StreamId),
    /// Follow this stream no more.
    DropStream(StreamId),
    /// Send this op.
    Send(OpId),
    /// Compare this part of the mirror with the server.
    Verify(Place),
    /// Note that the server refused this op, and why.
    Refuse(OpId, ErrorBody),
    /// Come back at this time; replaces the one before.
    WakeAt(Now),
    /// The connection changed.
    Connection(Connection),
}

/// How it stands with the server, for the sync line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Connection {
    /// Trying.
    Connecting,
    /// Connected.
    Online,
    /// No answer; it is tried again by itself.
    Offline,
    /// The session has ended: the password is asked for.
    SignedOut,
    /// Somebody ended the session: nothing here is to be read before its user has signed in again.
    Revoked {
        /// Whether the mirror is to be deleted.
        wipe: bool,
    },
    /// This version is too old for the server.
    Outdated,
}

/// Decides what to do next. See the crate's documentation.
#[derive(Debug)]
pub struct Engine {
    user_id: UserId,
    epoch: String,
    wm: i64,
    streams: Streams,
    lanes: Lanes,
    connection: Connection,
    reconnect: Backoff,
    heads_asked: Option<Now>,
    heads_wanted: bool,
    heads_backoff: Backoff,
    heads_at: Now,
    on_screen: Option<ConversationId>,
    verify: Verify,
    dice: Dice,
    resets: u64,
}

impl Engine {
    /// An engine over what is stored.
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
            streams.learn(Head { stream, term: 0, head: 0 });
            let known = streams.all.get_mut(&stream).expect("it was just learnt");
            known.cursor = known.cursor.or(Some(0));
        }
        Self {
            user_id: start.user_id,
            epoch: start.epoch,
            wm: start.wm,
            streams,
            lanes,
            connection: Connection::Offline,
            reconnect: Backoff::default(),
            heads_asked: None,
            heads_wanted: false,
            heads_backoff: Backoff::default(),
            heads_at: 0,
            on_screen: None,
            verify: Verify::new(start.user_id),
            dice: Dice::new(start.seed),
            resets: 0,
        }
    }

    /// The server's epoch that the cursors count in.
    pub fn epoch(&self) -> &str {
        &self.epoch
    }

    /// How it stands with the server.
    pub fn connection(&self) -> Connection {
        self.connection
    }

    /// Whether everything is being compared because the user asked for it.
    pub fn is_comparing(&self) -> bool {
        self.verify.hurries()
    }

    /// How often a stream had to begin anew, or a fetch of one was given up for lost (the watchdog): seldom,
    /// if all is well.
    pub fn resets(&self) -> u64 {
        self.resets + self.streams.lost
    }

    /// Takes what happened and answers what to do.
    pub fn handle(&mut self, input: Input, now: Now) -> Vec<Effect> {
        let mut todo = Vec::new();
        match input {
            Input::Started => self.connect(&mut todo),
            Input::Hurry => self.hurry(&mut todo),
            Input::Frame(frame) => self.frame(frame, &mut todo),
            Input::Disconnected(error) => self.disconnected(&error, now, &mut todo),
            Input::Heads(since, answer) => self.heads(since, answer, now, &mut todo),
            Input::Pulled(asked, answer) => self.pulled(asked, answer, now, &mut todo),
            Input::History(fetch, answer) => match answer {
                Ok(history) => self.history(history, &mut todo),
                Err(error) => self.fetch_failed(fetch, &error, now, &mut todo),
            },
            Input::Queued(op) => self.lanes.push(op),
            Input::Reloaded(lane, ops) => self.lanes.reload(lane, ops.into_iter()),
            Input::Sent(id, answer) => self.sent(id, answer, now, &mut todo),
            Input::Verified(place, answer) => self.verified(place, answer, now),
            Input::VerifyAll => self.verify.hurry(now),
            Input::Limits(limits) => self.streams.limits = limits,
            Input::Older(id) => {
                let stream = self.streams.all.get_mut(&StreamId::Conversation(id));
                stream.into_iter().for_each(Stream::want_older);
            }
            Input::Watching(conversation) => self.on_screen = conversation,
            Input::Woke => {}
        }
        self.go_on(now, &mut todo);
        todo
    }

    /// Starts whatever is due, and asks to be woken for what is not.
    fn go_on(&mut self, now: Now, todo: &mut Vec<Effect>) {
        // A new engine takes over; this one has nothing more to say.
        if todo.iter().any(|effect| matches!(effect, Effect::BeginEpoch(_))) {
            return;
        }
        if self.connection == Connection::Offline && self.reconnect.is_due(now) {
            self.connect(todo);
        }
        let mut wake = None;
        if self.connection == Connection::Online {
            if now - self.heads_at >= HEADS_EVERY_MS {
                // An answer that takes that long is taken for lost.
                (self.heads_wanted, self.heads_asked) = (true, None);
            }
            if self.heads_wanted && self.heads_asked.is_none() && self.heads_backoff.is_due(now) {
                (self.heads_wanted, self.heads_asked, self.heads_at) = (false, Some(now), now);
                todo.push(Effect::FetchHeads { wm: self.wm });
            }
            // An op may depend on the server's epoch being known; so may a pull.
            if !self.epoch.is_empty() {
                let due = self.streams.take_due(now, self.on_screen);
                todo.extend(due.pulls.into_iter().map(Effect::Pull));
                todo.extend(due.history.into_iter().map(Effect::FetchHistory));
                todo.extend(self.lanes.take_due(now).into_iter().map(Effect::Send));
            }
            let heads_at = self.heads_backoff.due_at(now).unwrap_or(self.heads_at + HEADS_EVERY_MS);
            let verify_at = self.verify(now, todo);
            wake = [Some(heads_at), verify_at, self.streams.wake_at(now), self.lanes.wake_at(now)]
                .into_iter()
                .flatten()
                .min();
        } else if self.connection == Connection::Offline {
            wake = self.reconnect.due_at(now);
        }
        todo.extend(wake.map(Effect::WakeAt));
    }

    fn connect(&mut self, todo: &mut Vec<Effect>) {
        self.set(Connection::Connecting, todo);
        todo.push(Effect::Connect);
    }

    fn set(&mut self, connection: Connection, todo: &mut Vec<Effect>) {
        if self.connection != connection {
            self.connection = connection;
            todo.push(Effect::Connection(connection));
        }
    }

    fn hurry(&mut self, todo: &mut Vec<Effect>) {
        self.reconnect.hurry();
        self.heads_backoff.hurry();
        self.lanes.hurry();
        if self.connection == Connection::Offline {
            self.connect(todo);
        }
    }

    fn frame(&mut self, frame: Frame, todo: &mut Vec<Effect>) {
        match frame {
            Frame::Hello { epoch, .. } => {
                self.set(Connection::Online, todo);
                self.reconnect = Backoff::default();
                self.streams.hurry();
                self.lanes.hurry();
                (self.heads_wanted, self.heads_asked) = (true, None);
                self.check_epoch(&epoch, todo);
            }
            Frame::Change(page) => self.page(page, false, todo),
            Frame::Hint { heads } => heads.into_iter().for_each(|head| self.streams.learn(head)),
            Frame::Heartbeat { wm } => self.heads_wanted |= wm > self.wm,
            // The driver ends the socket, and says so.
            Frame::Bye { .. } | Frame::Unknown => {}
            // Nothing that is kept.
            Frame::Typing { .. } | Frame::Presence { .. } => {}
        }
    }

    fn check_epoch(&mut self, epoch: &str, todo: &mut Vec<Effect>) -> bool {
        let same = self.epoch == epoch;
        if !same {
            todo.push(Effect::BeginEpoch(epoch.into()));
        }
        same
    }

    fn disconnected(&mut self, error: &ErrorBody, now: Now, todo: &mut Vec<Effect>) {
        match error.code.class() {
            ErrorClass::SignIn | ErrorClass::Upgrade => self.give_up_if_told(error, todo),
            ErrorClass::Retry | ErrorClass::Resync | ErrorClass::Refused => {
                use Connection::{Outdated, Revoked, SignedOut};
                if matches!(self.connection, SignedOut | Revoked { .. } | Outdated) {
                    return;
                }
                self.set(Connection::Offline, todo);
                self.reconnect.fail(now, error.retry_after_ms, &mut self.dice);
            }
        }
    }

    fn heads(
        &mut self,
        since: i64,
        answer: Result<Heads, ErrorBody>,
        now: Now,
        todo: &mut Vec<Effect>,
    ) {
        self.heads_asked = None;
        match answer {
            Ok(heads) => {
                self.heads_backoff = Backoff::default();
                if !self.check_epoch(&heads.epoch, todo) {
                    return;
                }
                // Asked before everything began anew: it leaves out what is to be heard again.
                if since > self.wm {
                    self.heads_wanted = true;
                } else {
                    self.wm = heads.wm;
                    heads.heads.iter().for_each(|head| self.learn(*head, todo));
                    heads.newest.iter().for_each(|newest| self.streams.order(newest));
                    todo.push(Effect::SaveHeads(heads));
                }
            }
            Err(error) => {
                self.heads_wanted = true;
                self.heads_backoff.fail(now, error.retry_after_ms, &mut self.dice);
                self.give_up_if_told(&error, todo);
            }
        }
    }

    /// Notes a head with its term: another term is another membership, begun anew.
    fn learn(&mut self, head: Head, todo: &mut Vec<Effect>) {
        self.streams.learn(head);
        let Some(stream) = self.streams.all.get_mut(&head.stream) else { return };
        let known = std::mem::replace(&mut stream.term, head.term);
        // 0 is no term yet: the stream is known by a push alone.
        if known != head.term && known != 0 {
            self.reset(head.stream, todo);
        }
    }

    fn reset(&mut self, id: StreamId, todo: &mut Vec<Effect>) {
        let Some(stream) = self.streams.all.get_mut(&id) else { return };
        stream.reset();
        if !matches!(id, StreamId::Conversation(_)) {
            stream.cursor = Some(0);
        }
        self.resets += 1;
        self.heads_wanted = true;
        self.wm = 0;
        todo.push(Effect::ResetStream(id));
    }

    fn pulled(
        &mut self,
        asked: Vec<Fetch>,
        answer: Result<Vec<PulledStream>, ErrorBody>,
        now: Now,
        todo: &mut Vec<Effect>,
    ) {
        let mut answers = match answer {
            Ok(answers) if !answers.is_empty() => answers.into_iter(),
            answer => {
                let error = answer.err().unwrap_or_else(beside_the_question);
                return asked.iter().for_each(|fetch| self.fetch_failed(*fetch, &error, now, todo));
            }
        };
        for fetch in asked {
            match answers.next() {
                Some(PulledStream::Page(page)) if page.stream == fetch.stream => {
                    self.page(page, true, todo);
                }
                Some(PulledStream::Bootstrap(bootstrap)) if bootstrap.stream == fetch.stream => {
                    self.bootstrap(bootstrap, todo);
                }
                Some(PulledStream::Error(error)) => self.fetch_failed(fetch, &error, now, todo),
                Some(_) => self.fetch_failed(fetch, &beside_the_question(), now, todo),
                None => {
                    let stream = self.streams.all.get_mut(&fetch.stream);
                    stream.into_iter().for_each(Stream::unanswered);
                }
            }
        }
    }

    fn page(&mut self, page: Page, pulled: bool, todo: &mut Vec<Effect>) {
        if page.epoch != self.epoch {
            self.heads_wanted = true;
            return;
        }
        self.streams.learn(Head { stream: page.stream, term: page.term, head: page.head });
        let memberships = self.memberships(&page);
        let Some(stream) = self.streams.all.get_mut(&page.stream) else { return };
        if pulled {
            stream.succeeded();
        }
        let Some(cursor) = stream.cursor else { return };
        let seen = page.to <= cursor;
        if !seen && page.from <= cursor {
            stream.cursor = Some(page.to);
            let sent = page.rows.iter().filter_map(sent_at).max();
            stream.active_at = stream.active_at.max(sent.unwrap_or(0));
            let newest = page.rows.iter().filter_map(seq_of).max();
            stream.newest = stream.newest.max(newest.unwrap_or(0));
            let term = stream.term;
            todo.push(Effect::ApplyPage(Page { term, ..page }));
            memberships.iter().for_each(|membership| self.membership(membership, todo));
        } else if pulled && page.from == cursor && page.head <= cursor {
            // A hint told of a head that the server does not have, or this answer is older than the
            // hint: the heads tell, all of them, since their watermark may be past this one.
            stream.head = cursor;
            (self.heads_wanted, self.wm) = (true, 0);
        } else if pulled && !seen {
            // The answer does not continue the question: begin this stream anew.
            self.reset(page.stream, todo);
        }
    }

    fn memberships(&self, page: &Page) -> Vec<MembershipRow> {
        if page.stream != StreamId::Account(self.user_id) {
            return Vec::new();
        }
        let membership = |row: &Row| match row {
            Row::Membership(row) => Some(row.clone()),
            _ => None,
        };
        page.rows.iter().filter_map(membership).collect()
    }

    fn membership(&mut self, row: &MembershipRow, todo: &mut Vec<Effect>) {
        let stream = StreamId::Conversation(row.conversation_id);
        if row.left_at.is_some() {
            if self.streams.all.remove(&stream).is_some() {
                todo.push(Effect::DropStream(stream));
            }
        } else {
            self.learn(Head { stream, term: row.term, head: 0 }, todo);
        }
    }

    fn bootstrap(&mut self, bootstrap: Bootstrap, todo: &mut Vec<Effect>) {
        let Some(stream) = self.streams.all.get_mut(&bootstrap.stream) else { return };
        stream.succeeded();
        if bootstrap.epoch != self.epoch {
            self.heads_wanted = true;
            return;
        }
        // From before one joined again, it is fetched anew.
        if stream.cursor.is_some() || bootstrap.term < stream.term {
            return;
        }
        stream.cursor = Some(bootstrap.head);
        stream.newest = bootstrap.last_seq;
        stream.head = stream.head.max(bootstrap.head);
        stream.term = bootstrap.term;
        stream.floor = bootstrap.rows.iter().filter_map(seq_of).min().unwrap_or(1);
        stream.active_at = bootstrap.rows.iter().filter_map(sent_at).max().unwrap_or(0);
        todo.push(Effect::ApplyBootstrap(bootstrap));
    }

    fn history(&mut self, history: History, todo: &mut Vec<Effect>) {
        let Some(stream) = self.streams.all.get_mut(&history.stream) else { return };
        stream.history_came();
        if history.epoch != self.epoch || history.before != stream.floor {
            return;
        }
        stream.floor = history.rows.iter().filter_map(seq_of).min().unwrap_or(1);
        todo.push(Effect::ApplyHistory(history));
    }

    fn fetch_failed(&mut self, fetch: Fetch, error: &ErrorBody, now: Now, todo: &mut Vec<Effect>) {
        let Some(stream) = self.streams.all.get_mut(&fetch.stream) else { return };
        stream.fail(now, error.retry_after_ms, &mut self.dice);
        // One has joined since that was asked.
        let is_old = stream.term != fetch.term;
        match error.code {
            ErrorCode::NotMember if is_old => {}
            ErrorCode::Epoch => (self.heads_wanted, self.wm) = (true, 0),
            ErrorCode::Term | ErrorCode::CursorAhead | ErrorCode::CursorOld => {
                // A reset must not loop at the speed of the network: the failure above counts.
                self.reset(fetch.stream, todo);
            }
            ErrorCode::NotMember => {
                self.streams.all.remove(&fetch.stream);
                todo.push(Effect::DropStream(fetch.stream));
            }
            _ => self.give_up_if_told(error, todo),
        }
    }

    /// Has a part of the mirror compared, if that is due and nothing else is to be done; answers when to look
    /// again, unless what goes before it wakes us anyway.
    fn verify(&mut self, now: Now, todo: &mut Vec<Effect>) -> Option<Now> {
        if self.verify.due_at(now) <= now {
            if !self.lanes.is_idle() || !self.streams.is_idle() {
                return None;
            }
            todo.extend(self.verify.take_due(now).map(Effect::Verify));
        }
        Some(self.verify.due_at(now))
    }

    fn verified(&mut self, place: Place, answer: Result<Option<i64>, ErrorBody>, now: Now) {
        let next = |id| self.streams.conversation_after(id);
        match answer {
            Ok(low) => self.verify.done(place, low, now, next),
            Err(error) if error.code.class() == ErrorClass::Retry => self.verify.failed(now),
            // Whatever is wrong with this one is found out elsewhere; the others come next.
            Err(_) => self.verify.done(place, None, now, next),
        }
    }

    fn give_up_if_told(&mut self, error: &ErrorBody, todo: &mut Vec<Effect>) {
        match error.code.class() {
            ErrorClass::SignIn => {
                let connection = match error.code {
                    ErrorCode::Revoked => Connection::Revoked { wipe: false },
                    ErrorCode::Wipe => Connection::Revoked { wipe: true },
                    _ => Connection::SignedOut,
                };
                self.set(connection, todo);
            }
            ErrorClass::Upgrade => self.set(Connection::Outdated, todo),
            ErrorClass::Retry | ErrorClass::Resync | ErrorClass::Refused => {}
        }
    }

    fn sent(&mut self, id: OpId, answer: Result<(), ErrorBody>, now: Now, todo: &mut Vec<Effect>) {
        let Err(error) = answer else { return self.lanes.remove(id) };
        if error.code.class() == ErrorClass::Refused {
            self.lanes.refuse(id);
            todo.push(Effect::Refuse(id, error));
            return;
        }
        // The server was restored: its heads tell.
        self.heads_wanted |= error.code == ErrorCode::Epoch;
        self.lanes.fail(id, now, error.retry_after_ms, &mut self.dice);
        self.give_up_if_told(&error, todo);
    }
}

/// When a message was said.
fn sent_at(row: &Row) -> Option<i64> {
    if let Row::Message(row) = row { Some(row.sent_at.0) } else { None }
}

/// Where a message is.
fn seq_of(row: &Row) -> Option<i64> {
    if let Row::Message(row) = row { Some(row.seq.0) } else { None }
}

/// What is made of an answer to something that was not asked.
fn beside_the_question() -> ErrorBody {
    let message = "The answer was beside the question.".into();
    ErrorBody { code: ErrorCode::Retry, message, retry_after_ms: None }
}
