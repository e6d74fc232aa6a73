//! Who uses an open file goes in by its gate, so that the file can be closed: whoever is inside is
//! interrupted, and nobody comes in any more.

use crate::error::{Error, Result};
use crate::lock::lock_of;
use rusqlite::{Connection, InterruptHandle};
use std::collections::BTreeMap;
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How often whoever is still inside is interrupted: a statement that begins later has not heard it yet.
const EVERY: Duration = Duration::from_millis(10);

#[derive(Default)]
pub(crate) struct Gate {
    state: Mutex<State>,
    left: Condvar,
}

#[derive(Default)]
struct State {
    is_closed: bool,
    last: u64,
    inside: BTreeMap<u64, Option<InterruptHandle>>,
}

/// Somebody who is inside until this is let go.
pub(crate) struct Inside<'a> {
    gate: &'a Gate,
    number: u64,
}

impl Gate {
    /// # Errors
    /// [`Error::Closed`].
    pub fn enter(&self) -> Result<Inside<'_>> {
        let mut state = lock_of(&self.state);
        if state.is_closed {
            return Err(Error::Closed);
        }
        state.last += 1;
        let number = state.last;
        state.inside.insert(number, None);
        Ok(Inside { gate: self, number })
    }

    /// Closes it and interrupts whoever is inside; answers whether everybody has left in time. Nobody
    /// enters after that, in either case.
    pub fn close(&self, patience: Duration) -> bool {
        let until = Instant::now() + patience;
        let mut state = lock_of(&self.state);
        state.is_closed = true;
        while !state.inside.is_empty() {
            state.inside.values().flatten().for_each(InterruptHandle::interrupt);
            if Instant::now() >= until {
                return false;
            }
            let waited = self.left.wait_timeout(state, EVERY);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        true
    }

    /// What went wrong, as those inside are to hear it: who was interrupted is told why.
    pub fn explain<T>(&self, outcome: Result<T>) -> Result<T> {
        outcome.map_err(|error| if lock_of(&self.state).is_closed { Error::Closed } else { error })
    }
}

impl Inside<'_> {
    /// Lets what is done with this connection be interrupted when the gate is closed.
    pub fn with(&self, conn: &Connection) {
        let handle = conn.get_interrupt_handle();
        lock_of(&self.gate.state).inside.insert(self.number, Some(handle));
    }
}

impl Drop for Inside<'_> {
    fn drop(&mut self) {
        lock_of(&self.gate.state).inside.remove(&self.number);
        self.gate.left.notify_all();
    }
}
