//! A request in flight.

use super::state::{ConnectionState, Phase};
use crate::limits::RequestPermit;
use std::sync::{Arc, OnceLock};

/// A guard: while it exists, a request of the connection is in flight. That lasts until the whole response was
/// handed to the connection, or the request was abandoned.
pub struct ActiveRequest {
    connection: Arc<ConnectionState>,
    /// The account's permit, released with the request.
    permit: OnceLock<RequestPermit>,
}

impl ActiveRequest {
    /// Begins a request; `has_body` says whether a body is still to come.
    pub fn begin(connection: Arc<ConnectionState>, has_body: bool) -> Self {
        connection.enter(if has_body { Phase::Body } else { Phase::Busy });
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

    /// Notes that the whole body has arrived.
    pub fn body_arrived(&self) {
        if self.connection.phase().0 == Phase::Body {
            self.connection.enter(Phase::Busy);
        }
    }

    /// Keeps the permit that the account gave to this request.
    pub fn hold(&self, permit: RequestPermit) {
        // A request belongs to one account, so it has one permit.
        let _ = self.permit.set(permit);
    }
}

impl Drop for ActiveRequest {
    fn drop(&mut self) {
        if !self.connection.is_socket() {
            self.connection.enter(Phase::Idle);
        }
    }
}
