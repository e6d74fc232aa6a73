//! Distinguishes the backlog, which is received after the device was offline, from what happens now.
//!
//! A catch-up begins when the program starts, and whenever there was no contact with the server for a
//! minute. It ends when everything has been received that the server had when it first responded again:
//! what is not newer than the heads of that response is the backlog. Whether a message is new depends on
//! its position: a later change of it, such as a reaction, does not make it new. Conversations that cannot
//! be fetched do not prolong a catch-up; what is received late of them is backlog, too.

use parlour_protocol::periods::HEARTBEAT_MS;
use parlour_protocol::{Millis, StreamId};
use parlour_store::NewItem;
use parlour_sync::{Engine, KnownHead, Now};
use std::collections::{BTreeMap, BTreeSet};

/// The time without contact with the server after which a catch-up is needed: three missed heartbeats.
const SILENCE_MS: i64 = 3 * HEARTBEAT_MS;

/// The state of the catch-up.
#[derive(Debug, Clone)]
pub struct CatchUp {
    /// The time of the last contact with the server, by the driver's clock and by the wall clock: the former may
    /// stop while the computer sleeps, and the latter may be set.
    last_contact: Option<(Now, Millis)>,
    state: State,
    /// Whether the mirror is fetched for the first time, which is not summed up.
    is_first: bool,
}

/// The heads when the server first responded: what is not newer is backlog.
type Heads = BTreeMap<StreamId, KnownHead>;

#[derive(Debug, Clone, PartialEq, Eq)]
enum State {
    /// It has ended, except in streams that could not be fetched.
    Finished(Heads),
    /// The server has not responded with its heads yet.
    AwaitingHeads,
    /// The backlog is being received.
    Fetching(Heads),
}

impl CatchUp {
    /// Creates the state at the program's start; `is_first` says that the mirror is empty.
    pub fn new(is_first: bool) -> Self {
        Self { last_contact: None, state: State::AwaitingHeads, is_first }
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

    /// Begins a catch-up; `is_first` says that the mirror is empty.
    pub fn start(&mut self, is_first: bool) {
        let was_fetched = matches!(self.state, State::Finished(_));
        self.is_first = is_first || (self.is_first && !was_fetched);
        self.state = State::AwaitingHeads;
    }

    /// Stores the heads in the server's response.
    pub fn record_heads(&mut self, engine: &Engine) {
        if self.state == State::AwaitingHeads {
            self.state = State::Fetching(engine.known_heads().collect());
        }
    }

    /// Returns whether an item belongs to the backlog. The time of a reaction is not known: it counts as
    /// new if its message changed since.
    pub fn is_backlog(&self, item: &NewItem) -> bool {
        let is_known = |head: &KnownHead| {
            let is_message = item.reaction.is_none();
            item.changed_seq <= head.change || (is_message && item.seq.0 <= head.message)
        };
        let stream = StreamId::Conversation(item.conversation);
        match &self.state {
            State::Finished(late_streams) => late_streams.get(&stream).is_some_and(is_known),
            State::AwaitingHeads => true,
            State::Fetching(heads) => heads.get(&stream).is_none_or(is_known),
        }
    }

    /// Ends the catch-up, or that of streams that are received late, if everything was received. If it
    /// ended now, returns whether it is summed up.
    pub fn end(&mut self, engine: &Engine) -> Option<bool> {
        let heads = match &mut self.state {
            State::Fetching(heads) if engine.is_caught_up() => heads,
            State::Finished(late_streams) if !late_streams.is_empty() => late_streams,
            State::Fetching(_) | State::Finished(_) | State::AwaitingHeads => return None,
        };
        let lacking: BTreeSet<StreamId> = engine.outdated().collect();
        let late_streams = std::mem::take(heads);
        let count = late_streams.len();
        let late_streams: Heads =
            late_streams.into_iter().filter(|(id, _)| lacking.contains(id)).collect();
        let has_ended = matches!(self.state, State::Fetching(_)) || late_streams.len() < count;
        self.state = State::Finished(late_streams);
        has_ended.then_some(!self.is_first)
    }
}
