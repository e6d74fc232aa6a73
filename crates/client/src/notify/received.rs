//! The queue of received messages for the notifier, to which everything that writes to an account's files adds.

use parlour_store::{Changes, NewItem};
use std::sync::{Mutex, PoisonError};

/// Maximum number of queued items of a backlog; a summary needs no larger number.
const MAX_BACKLOG: usize = 10_000;

/// Something that was received for the first time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceivedItem {
    /// The message or reaction.
    pub item: NewItem,
    /// Whether it belongs to the backlog of a catch-up.
    pub is_backlog: bool,
}

/// The received items that were not taken yet.
#[derive(Debug, Default)]
pub struct ReceivedQueue(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    received: Vec<ReceivedItem>,
    other_session_active: bool,
    /// The end of a catch-up, and whether it is summed up.
    caught_up: Option<bool>,
}

impl ReceivedQueue {
    /// Moves the received items from the changes of a write into the queue. `is_backlog` returns whether an
    /// item belongs to the backlog.
    pub fn take_from(&self, changes: &mut Changes, is_backlog: impl Fn(&NewItem) -> bool) {
        if changes.new_items.is_empty() && !changes.other_session_active {
            return;
        }
        let mut state = self.lock();
        state.other_session_active |= std::mem::take(&mut changes.other_session_active);
        for item in std::mem::take(&mut changes.new_items) {
            let is_backlog = is_backlog(&item);
            if !is_backlog || state.received.len() < MAX_BACKLOG {
                state.received.push(ReceivedItem { item, is_backlog });
            }
        }
    }

    /// Records that a catch-up ended; `is_shown` is false if this device has
    /// just fetched everything for the first time.
    pub fn caught_up(&self, is_shown: bool) {
        self.lock().caught_up = Some(is_shown);
    }

    /// Takes everything: the items, whether another session was active, and whether a catch-up ended and is
    /// summed up.
    pub fn take(&self) -> (Vec<ReceivedItem>, bool, Option<bool>) {
        let State { received, other_session_active, caught_up } = std::mem::take(&mut *self.lock());
        (received, other_session_active, caught_up)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
