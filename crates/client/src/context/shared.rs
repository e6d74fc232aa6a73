//! The driver's state, shared with the rest of the client.

use crate::socket::Outgoing;
use crate::status::ConnectionState;
use parlour_protocol::{ErrorCode, Problem};
use std::sync::{Mutex, PoisonError};
use tokio::sync::mpsc::UnboundedSender;

/// The driver's state, and its socket while that is open.
#[derive(Debug, Default)]
pub struct Shared {
    state: Mutex<SyncState>,
    /// Sends to the socket while it is open.
    outgoing: Mutex<Option<UnboundedSender<Outgoing>>>,
}

/// The state of the connection and of the files.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct SyncState {
    /// The connection; `None` before the first attempt.
    pub connection: Option<ConnectionState>,
    /// Why the socket or the last request failed.
    pub reason: Option<Problem>,
    /// Why nothing more can be written to the files.
    pub trouble: Option<ErrorCode>,
    /// Number of times that a stream was fetched from its beginning: [`parlour_sync::Engine::resets`].
    pub resets: u64,
    /// Number of streams that cannot be fetched: [`parlour_sync::Engine::stuck`].
    pub stuck: usize,
    /// Whether everything is being compared at the user's request: [`parlour_sync::Engine::is_comparing`].
    pub is_comparing: bool,
}

impl Shared {
    /// Returns a copy of the state.
    pub fn state(&self) -> SyncState {
        self.lock().clone()
    }

    /// Returns the state of the connection: connecting before the first attempt.
    pub fn connection(&self) -> ConnectionState {
        self.lock().connection.unwrap_or(ConnectionState::Connecting)
    }

    pub fn set_connection(&self, connection: ConnectionState) {
        self.lock().connection = Some(connection);
    }

    /// Changes the state; returns whether it differs from before.
    pub(crate) fn change(&self, change: impl FnOnce(&mut SyncState)) -> bool {
        let mut state = self.lock();
        let before = state.clone();
        change(&mut state);
        *state != before
    }

    /// Sends something to the server if the socket is open; drops it otherwise.
    pub fn send(&self, outgoing: Outgoing) {
        if let Some(socket) = &*self.outgoing.lock().unwrap_or_else(PoisonError::into_inner) {
            // The socket may just have ended.
            let _ = socket.send(outgoing);
        }
    }

    /// Replaces the previous socket.
    pub(crate) fn set_outgoing(&self, socket: UnboundedSender<Outgoing>) {
        *self.outgoing.lock().unwrap_or_else(PoisonError::into_inner) = Some(socket);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, SyncState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
