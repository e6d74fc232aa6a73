//! Distinguishes what is received after an absence from what happens now.
//!
//! An absence begins when the program starts, and whenever there was no sign of the server for a minute. It ends when
//! everything has been received that the server had when it first responded again: what is not newer than the heads of
//! that response happened during the absence.

use parlour_protocol::{Millis, StreamId};
use parlour_sync::{Engine, Now};
use std::collections::BTreeMap;

/// The time without a sign of the server after which an absence begins: three missed heartbeats.
const SILENCE_MS: i64 = 60_000;

/// The state of the absence.
#[derive(Debug, Clone)]
pub struct Absence {
    /// The time of the last sign of the server, by the driver's clock and by the wall clock: the former may
    /// stop while the computer sleeps, and the latter may be set.
    heard: Option<(Now, Millis)>,
    state: State,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum State {
    Present,
    /// The server has not responded with its heads yet.
    Away,
    /// Changes that are not newer than these heads happened during the absence.
    CatchingUp(BTreeMap<StreamId, i64>),
}

impl Absence {
    /// Creates the state at the program's start.
    pub fn new() -> Self {
        Self { heard: None, state: State::Away }
    }

    /// Notes a sign of the server.
    pub fn heard(&mut self, now: Now, wall: Millis) {
        if let Some((then, at)) = self.heard
            && (now - then).max(wall.0.saturating_sub(at.0)) >= SILENCE_MS
        {
            self.state = State::Away;
        }
        self.heard = Some((now, wall));
    }

    /// Begins an absence, because everything is fetched again.
    pub fn begin(&mut self) {
        self.state = State::Away;
    }

    /// Notes the heads in the server's response.
    pub fn told_heads(&mut self, engine: &Engine) {
        if self.state == State::Away {
            self.state = State::CatchingUp(engine.known_heads().collect());
        }
    }

    /// Returns whether a change of a stream happened during the absence.
    pub fn is_past(&self, stream: StreamId, changed_seq: i64) -> bool {
        match &self.state {
            State::Present => false,
            State::Away => true,
            State::CatchingUp(heads) => heads.get(&stream).is_none_or(|head| changed_seq <= *head),
        }
    }

    /// Ends the absence if everything was received; returns whether it ended now.
    pub fn end(&mut self, engine: &Engine) -> bool {
        let ends = matches!(self.state, State::CatchingUp(_)) && engine.is_caught_up();
        if ends {
            self.state = State::Present;
        }
        ends
    }
}
