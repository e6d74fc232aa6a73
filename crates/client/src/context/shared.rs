//! What the driver tells the rest of the client.

use crate::socket::Outgoing;
use crate::status::ConnectionState;
use parlour_protocol::{ErrorCode, Problem};
use std::sync::{Mutex, PoisonError};
use tokio::sync::mpsc::UnboundedSender;

/// What the driver tells the rest of the client.
#[derive(Debug, Default)]
pub struct Shared {
    state: Mutex<SyncState>,
    /// To the socket, while it is open.
    outgoing: Mutex<Option<UnboundedSender<Outgoing>>>,
}

/// The state of the connection and of the files.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct SyncState {
    /// The connection; nothing before the first try.
    pub connection: Option<ConnectionState>,
    /// Why the socket, or the last question, came to nothing.
    pub reason: Option<Problem>,
    /// Why the files take nothing more.
    pub trouble: Option<ErrorCode>,
    /// See [`parlour_sync::Engine::resets`].
    pub resets: u64,
    /// See [`parlour_sync::Engine::stuck`].
    pub stuck: usize,
    /// See [`parlour_sync::Engine::is_comparing`].
    pub is_comparing: bool,
}

impl Shared {
    /// A copy of the state.
    pub fn state(&self) -> SyncState {
        self.lock().clone()
    }

    /// The connection; connecting before the first try.
    pub fn connection(&self) -> ConnectionState {
        self.lock().connection.unwrap_or(ConnectionState::Connecting)
    }

    pub fn set_connection(&self, connection: ConnectionState) {
        self.lock().connection = Some(connection);
    }

    /// Changes the state; answers whether that made a difference.
    pub(crate) fn change(&self, change: impl FnOnce(&mut SyncState)) -> bool {
        let mut state = self.lock();
        let before = state.clone();
        change(&mut state);
        *state != before
    }

    /// Sends something to the server if the socket is open; else it is dropped.
    pub fn send(&self, outgoing: Outgoing) {
        if let Some(socket) = &*self.outgoing.lock().unwrap_or_else(PoisonError::into_inner) {
            // The socket may just have ended.
            let _ = socket.send(outgoing);
        }
    }

    /// Takes the place of the socket before.
    pub(crate) fn set_outgoing(&self, socket: UnboundedSender<Outgoing>) {
        *self.outgoing.lock().unwrap_or_else(PoisonError::into_inner) = Some(socket);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, SyncState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
