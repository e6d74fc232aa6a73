//! What a step comes to.

use super::ask::Ask;
use parlour_sync::{Connection, Effect, Now};

/// What is to be done next.
pub enum Task {
    /// To write something to the account's files: with [`Syncer::write`](super::Syncer::write).
    Write(Write),
    /// To do something that is not about the files.
    Request(Request),
}

/// What is written to the files.
#[derive(Debug, Clone, PartialEq)]
pub enum Write {
    /// Effects about the files alone that stood side by side: those of the mirror in one transaction.
    Effects(Vec<Effect>),
    /// That an epoch begins; a new engine takes over.
    Epoch(String),
    /// The drafts that the server does not have, into the outbox.
    Drafts,
}

/// What is done beside the files.
pub enum Request {
    /// Open the socket.
    Connect,
    /// Let go of the socket and of every request that waits, and open the socket on connections of its own.
    ConnectAnew,
    /// Ask over the socket for an answer with this number.
    Ping(u64),
    /// Ask the server; what it comes to is an input.
    Ask(Ask),
    /// Come back at this time; replaces the one before.
    WakeAt(Now),
    /// Hear that the connection changed; the account's session knows.
    Connection(Connection),
    /// Let go of the socket and of every [`Request::Ask`] under way: who asked is no more.
    Abandon,
}
