//! Tells what is caught up with after an absence from what happens now.
//!
//! An absence begins with the program, and whenever nothing was heard of the server for a minute. It ends once
//! everything is here that the server had when it was asked first: what is not newer than the heads of that answer
//! happened in the absence.

use parlour_protocol::{Millis, StreamId};
use parlour_sync::{Engine, Now};
use std::collections::BTreeMap;

/// The time without a word of the server after which one counts as absent: three missed heartbeats.
const SILENCE_MS: i64 = 60_000;

/// The state of one's absence.
#[derive(Debug, Clone)]
pub struct Absence {
    /// When the server was heard last, by the driver's clock and by the one on the wall: the former may stand still
    /// while the computer sleeps, the latter may be set.
    heard: Option<(Now, Millis)>,
    state: State,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum State {
    Present,
    /// The server has not told yet what there is.
    Away,
    /// What is not newer than these is being caught up with.
    CatchingUp(BTreeMap<StreamId, i64>),
}

impl Absence {
    /// Begins with the program.
    pub fn new() -> Self {
        Self { heard: None, state: State::Away }
    }

    /// Notes a word of the server.
    pub fn heard(&mut self, now: Now, wall: Millis) {
        if let Some((then, at)) = self.heard
            && (now - then).max(wall.0.saturating_sub(at.0)) >= SILENCE_MS
        {
            self.state = State::Away;
        }
        self.heard = Some((now, wall));
    }

    /// Counts as absent from here on, because everything begins again.
    pub fn begin(&mut self) {
        self.state = State::Away;
    }

    /// Notes the heads that the engine knows, now that the server has answered.
    pub fn told_heads(&mut self, engine: &Engine) {
        if self.state == State::Away {
            self.state = State::CatchingUp(engine.known_heads().collect());
        }
    }

    /// Returns whether a change of a stream happened in the absence.
    pub fn is_past(&self, stream: StreamId, changed_seq: i64) -> bool {
        match &self.state {
            State::Present => false,
            State::Away => true,
            State::CatchingUp(heads) => heads.get(&stream).is_none_or(|head| changed_seq <= *head),
        }
    }

    /// Ends the absence if everything is here; returns whether it ended now.
    pub fn end(&mut self, engine: &Engine) -> bool {
        let ends = matches!(self.state, State::CatchingUp(_)) && engine.is_caught_up();
        if ends {
            self.state = State::Present;
        }
        ends
    }
}
