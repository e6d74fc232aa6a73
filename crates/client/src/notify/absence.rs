//! Distinguishes what is received after an absence from what happens now.
//!
//! An absence begins when the program starts, and whenever there was no sign of the server for a minute. It ends when
//! everything has been received that the server had when it first responded again: what is not newer than the heads of
//! that response happened during the absence. A message is as old as its position: what changed a message since,
//! such as a reaction, does not make it new. Conversations that cannot be fetched do not prolong an absence; what
//! happened in them is received late, and is no news then either.

use parlour_protocol::{Millis, StreamId};
use parlour_store::News;
use parlour_sync::{Engine, KnownHead, Now};
use std::collections::{BTreeMap, BTreeSet};

/// The time without a sign of the server after which an absence begins: three missed heartbeats.
const SILENCE_MS: i64 = 60_000;

/// The state of the absence.
#[derive(Debug, Clone)]
pub struct Absence {
    /// The time of the last sign of the server, by the driver's clock and by the wall clock: the former may
    /// stop while the computer sleeps, and the latter may be set.
    heard: Option<(Now, Millis)>,
    state: State,
    /// Whether the mirror is fetched for the first time, which is not told.
    is_first: bool,
}

/// What is not newer than these heads happened during the absence.
type Heads = BTreeMap<StreamId, KnownHead>;

#[derive(Debug, Clone, PartialEq, Eq)]
enum State {
    /// It is over, except in the streams that could not be fetched.
    Present(Heads),
    /// The server has not responded with its heads yet.
    Away,
    /// What happened since the absence began is received.
    CatchingUp(Heads),
}

impl Absence {
    /// Creates the state at the program's start; `is_first` says that the mirror is empty.
    pub fn new(is_first: bool) -> Self {
        Self { heard: None, state: State::Away, is_first }
    }

    /// Notes a sign of the server.
    pub fn heard(&mut self, now: Now, wall: Millis) {
        if let Some((then, at)) = self.heard
            && (now - then).max(wall.0.saturating_sub(at.0)) >= SILENCE_MS
        {
            self.begin(false);
        }
        self.heard = Some((now, wall));
    }

    /// Begins an absence; `is_first` says that the mirror is empty.
    pub fn begin(&mut self, is_first: bool) {
        let was_fetched = matches!(self.state, State::Present(_));
        self.is_first = is_first || (self.is_first && !was_fetched);
        self.state = State::Away;
    }

    /// Notes the heads in the server's response.
    pub fn told_heads(&mut self, engine: &Engine) {
        if self.state == State::Away {
            self.state = State::CatchingUp(engine.known_heads().collect());
        }
    }

    /// Returns whether something happened during the absence. When a reaction was given is not known: it counts as
    /// new if its message changed since.
    pub fn is_past(&self, news: &News) -> bool {
        let is_known = |head: &KnownHead| {
            let is_message = news.reaction.is_none();
            news.changed_seq <= head.change || (is_message && news.seq.0 <= head.message)
        };
        let stream = StreamId::Conversation(news.conversation);
        match &self.state {
            State::Present(late) => late.get(&stream).is_some_and(is_known),
            State::Away => true,
            State::CatchingUp(heads) => heads.get(&stream).is_none_or(is_known),
        }
    }

    /// Ends the absence, or what was left of it, if everything was received. Returns whether it is summed up if it
    /// ended now.
    pub fn end(&mut self, engine: &Engine) -> Option<bool> {
        let heads = match &mut self.state {
            State::CatchingUp(heads) if engine.is_caught_up() => heads,
            State::Present(late) if !late.is_empty() => late,
            State::CatchingUp(_) | State::Present(_) | State::Away => return None,
        };
        let lacking: BTreeSet<StreamId> = engine.outdated().collect();
        let late = std::mem::take(heads);
        let many = late.len();
        let late: Heads = late.into_iter().filter(|(id, _)| lacking.contains(id)).collect();
        let ends = matches!(self.state, State::CatchingUp(_)) || late.len() < many;
        self.state = State::Present(late);
        ends.then_some(!self.is_first)
    }
}
