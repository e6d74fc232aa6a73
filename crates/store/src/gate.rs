//! A gate through which every use of an open file passes, so that the file can be closed: closing
//! interrupts the current users, and admits no new ones.

use crate::error::{Error, Result};
use crate::lock::lock_of;
use rusqlite::{Connection, InterruptHandle};
use std::collections::BTreeMap;
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The interval at which current users are interrupted while the gate closes: an interrupt does not
/// affect a statement that begins after it.
const INTERRUPT_INTERVAL: Duration = Duration::from_millis(10);

#[derive(Default)]
pub(crate) struct Gate {
    state: Mutex<State>,
    guard_dropped: Condvar,
}

#[derive(Default)]
struct State {
    is_closed: bool,
    last: u64,
    users: BTreeMap<u64, Option<InterruptHandle>>,
}

/// A user of the file, registered until this is dropped.
pub(crate) struct GateGuard<'a> {
    gate: &'a Gate,
    number: u64,
}

impl Gate {
    /// Registers a user of the file.
    ///
    /// # Errors
    /// Fails with [`Error::Closed`] if the gate is closed.
    pub fn enter(&self) -> Result<GateGuard<'_>> {
        let mut state = lock_of(&self.state);
        if state.is_closed {
            return Err(Error::Closed);
        }
        state.last += 1;
        let number = state.last;
        state.users.insert(number, None);
        Ok(GateGuard { gate: self, number })
    }

    /// Closes the gate and interrupts its current users; returns whether all of them left within
    /// `timeout`. Nobody can enter afterwards in either case.
    pub fn close(&self, timeout: Duration) -> bool {
        let until = Instant::now() + timeout;
        let mut state = lock_of(&self.state);
        state.is_closed = true;
        while !state.users.is_empty() {
            state.users.values().flatten().for_each(InterruptHandle::interrupt);
            if Instant::now() >= until {
                return false;
            }
            let waited = self.guard_dropped.wait_timeout(state, INTERRUPT_INTERVAL);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        true
    }

    /// Replaces an error by [`Error::Closed`] if the gate is closed, because an interrupted user
    /// has to learn the reason.
    pub fn explain<T>(&self, outcome: Result<T>) -> Result<T> {
        outcome.map_err(|error| if lock_of(&self.state).is_closed { Error::Closed } else { error })
    }
}

impl GateGuard<'_> {
    /// Makes work on `conn` interruptible by closing the gate.
    pub fn set_interruptible(&self, conn: &Connection) {
        let handle = conn.get_interrupt_handle();
        lock_of(&self.gate.state).users.insert(self.number, Some(handle));
    }
}

impl Drop for GateGuard<'_> {
    fn drop(&mut self) {
        lock_of(&self.gate.state).users.remove(&self.number);
        self.gate.guard_dropped.notify_all();
    }
}
