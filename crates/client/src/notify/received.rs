//! The queue of received messages for the notifier, to which everything that writes to an account's files adds.

use parlour_store::{Changes, News};
use std::sync::{Mutex, PoisonError};

/// Maximum number of queued items from an absence; a summary needs no larger number.
const MAX_PAST: usize = 10_000;

/// Something that was received for the first time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// The message or reaction.
    pub news: News,
    /// Whether it happened during an absence.
    pub is_past: bool,
}

/// The received items that were not taken yet.
#[derive(Debug, Default)]
pub struct ReceivedQueue(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    received: Vec<Received>,
    other_session_active: bool,
    /// The end of an absence, and whether it is summed up.
    caught_up: Option<bool>,
}

impl ReceivedQueue {
    /// Moves the received items from the changes of a write into the queue. `is_past` returns whether an item happened
    /// during an absence.
    pub fn take_from(&self, changes: &mut Changes, is_past: impl Fn(&News) -> bool) {
        if changes.news.is_empty() && !changes.other_session_active {
            return;
        }
        let mut state = self.lock();
        state.other_session_active |= std::mem::take(&mut changes.other_session_active);
        for news in std::mem::take(&mut changes.news) {
            let is_past = is_past(&news);
            if !is_past || state.received.len() < MAX_PAST {
                state.received.push(Received { news, is_past });
            }
        }
    }

    /// Records that an absence ended and everything was received; `is_shown` is false if this device has just fetched
    /// everything for the first time.
    pub fn caught_up(&self, is_shown: bool) {
        self.lock().caught_up = Some(is_shown);
    }

    /// Takes everything: the items, whether another session was active, and whether an absence ended and is
    /// summed up.
    pub fn take(&self) -> (Vec<Received>, bool, Option<bool>) {
        let State { received, other_session_active, caught_up } = std::mem::take(&mut *self.lock());
        (received, other_session_active, caught_up)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
