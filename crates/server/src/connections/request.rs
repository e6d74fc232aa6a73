//! A request in flight.

use super::state::{ConnectionState, Phase};
use crate::limits::RequestPermit;
use std::sync::{Arc, OnceLock};

/// A guard of a request in flight. It exists until the whole response was passed to the connection, or the request
/// was abandoned.
pub struct ActiveRequest {
    connection: Arc<ConnectionState>,
    /// The account's permit, released with the request.
    permit: OnceLock<RequestPermit>,
}

impl ActiveRequest {
    /// Begins a request; `has_body` is whether a body follows.
    pub fn begin(connection: Arc<ConnectionState>, has_body: bool) -> Self {
        connection.set_phase(if has_body { Phase::Body } else { Phase::Busy });
        Self { connection, permit: OnceLock::new() }
    }

    /// Returns the state of the request's connection.
    pub fn connection(&self) -> Arc<ConnectionState> {
        self.connection.clone()
    }

    /// Returns whether some of the body has not arrived, or was not read.
    pub fn is_body_missing(&self) -> bool {
        self.connection.phase().0 == Phase::Body
    }

    /// Records that the whole body has arrived.
    pub fn body_arrived(&self) {
        if self.connection.phase().0 == Phase::Body {
            self.connection.set_phase(Phase::Busy);
        }
    }

    /// Holds the account's permit until the request ends.
    pub fn hold(&self, permit: RequestPermit) {
        // A request belongs to one account, so it has one permit.
        let _ = self.permit.set(permit);
    }
}

impl Drop for ActiveRequest {
    fn drop(&mut self) {
        if !self.connection.is_socket() {
            self.connection.set_phase(Phase::Idle);
        }
    }
}
