//! Distinguishes what is received after an absence from what happens now.
//!
//! An absence begins when the program starts, and whenever there was no contact with the server for a minute. It ends when
//! everything has been received that the server had when it first responded again: what is not newer than the heads of
//! that response happened during the absence. The age of a message depends on its position: a later change
//! of it, such as a reaction, does not make it new. Conversations that cannot be fetched do not prolong an absence; what
//! happened in them is received late, and is not new then either.

use parlour_protocol::periods::HEARTBEAT_MS;
use parlour_protocol::{Millis, StreamId};
use parlour_store::News;
use parlour_sync::{Engine, KnownHead, Now};
use std::collections::{BTreeMap, BTreeSet};

/// The time without contact with the server after which an absence begins: three missed heartbeats.
const SILENCE_MS: i64 = 3 * HEARTBEAT_MS;

/// The state of the absence.
#[derive(Debug, Clone)]
pub struct Absence {
    /// The time of the last contact with the server, by the driver's clock and by the wall clock: the former may
    /// stop while the computer sleeps, and the latter may be set.
    last_contact: Option<(Now, Millis)>,
    state: State,
    /// Whether the mirror is fetched for the first time, which is not summed up.
    is_first: bool,
}

/// The heads when the server first responded: what is not newer happened during the absence.
type Heads = BTreeMap<StreamId, KnownHead>;

#[derive(Debug, Clone, PartialEq, Eq)]
enum State {
    /// It has ended, except in streams that could not be fetched.
    Present(Heads),
    /// The server has not responded with its heads yet.
    Away,
    /// What happened since the absence began is being received.
    CatchingUp(Heads),
}

impl Absence {
    /// Creates the state at the program's start; `is_first` says that the mirror is empty.
    pub fn new(is_first: bool) -> Self {
        Self { last_contact: None, state: State::Away, is_first }
    }

    /// Records a contact with the server.
    pub fn record_contact(&mut self, now: Now, wall: Millis) {
        if let Some((last_now, last_wall)) = self.last_contact
            && (now - last_now).max(wall.0.saturating_sub(last_wall.0)) >= SILENCE_MS
        {
            self.start(false);
        }
        self.last_contact = Some((now, wall));
    }

    /// Begins an absence; `is_first` says that the mirror is empty.
    pub fn start(&mut self, is_first: bool) {
        let was_fetched = matches!(self.state, State::Present(_));
        self.is_first = is_first || (self.is_first && !was_fetched);
        self.state = State::Away;
    }

    /// Stores the heads in the server's response.
    pub fn record_heads(&mut self, engine: &Engine) {
        if self.state == State::Away {
            self.state = State::CatchingUp(engine.known_heads().collect());
        }
    }

    /// Returns whether something happened during the absence. The time of a reaction is not known: it counts as new
    /// if its message changed since.
    pub fn is_past(&self, news: &News) -> bool {
        let is_known = |head: &KnownHead| {
            let is_message = news.reaction.is_none();
            news.changed_seq <= head.change || (is_message && news.seq.0 <= head.message)
        };
        let stream = StreamId::Conversation(news.conversation);
        match &self.state {
            State::Present(late_streams) => late_streams.get(&stream).is_some_and(is_known),
            State::Away => true,
            State::CatchingUp(heads) => heads.get(&stream).is_none_or(is_known),
        }
    }

    /// Ends the absence, or that of streams that are received late, if everything was received. If it ended now, returns
    /// whether it is summed up.
    pub fn end(&mut self, engine: &Engine) -> Option<bool> {
        let heads = match &mut self.state {
            State::CatchingUp(heads) if engine.is_caught_up() => heads,
            State::Present(late_streams) if !late_streams.is_empty() => late_streams,
            State::CatchingUp(_) | State::Present(_) | State::Away => return None,
        };
        let lacking: BTreeSet<StreamId> = engine.outdated().collect();
        let late_streams = std::mem::take(heads);
        let count = late_streams.len();
        let late_streams: Heads =
            late_streams.into_iter().filter(|(id, _)| lacking.contains(id)).collect();
        let has_ended = matches!(self.state, State::CatchingUp(_)) || late_streams.len() < count;
        self.state = State::Present(late_streams);
        has_ended.then_some(!self.is_first)
    }
}
