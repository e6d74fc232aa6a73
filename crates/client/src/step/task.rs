//! The tasks that result from a step.

use super::server_call::ServerCall;
use parlour_sync::{ConnectionStatus, Effect, Now};

/// The next thing to do in a step.
pub enum Task {
    /// Write something to the account's files, with [`Syncer::write`](super::Syncer::write).
    Write(Write),
    /// Do something that does not concern the files.
    Request(Request),
}

/// A write to the account's files.
#[derive(Debug, Clone, PartialEq)]
pub enum Write {
    /// Consecutive effects on the files alone; those on the mirror are written in one transaction.
    Effects(Vec<Effect>),
    /// The start of an epoch; a new engine takes over.
    Epoch(String),
    /// The drafts that the server does not have, which are put into the outbox.
    Drafts,
}

/// A task that does not concern the files.
pub enum Request {
    /// Open the socket.
    Connect,
    /// Close the socket and cancel every pending request, then open the socket on new connections.
    Reconnect,
    /// Send a ping with this number over the socket.
    Ping(u64),
    /// Send a request to the server; the result is an input.
    Call(ServerCall),
    /// Send [`Input::Woke`](parlour_sync::Input::Woke) at this time, which replaces the previous one.
    WakeAt(Now),
    /// Handle a change of the connection; the account's session already has the new state.
    ReportConnection(ConnectionStatus),
    /// Close the socket and cancel every pending [`Request::Call`]: the engine that sent them no longer
    /// exists.
    Abandon,
}
