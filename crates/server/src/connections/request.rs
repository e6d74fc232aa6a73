//! A request in flight.

use super::state::{ConnectionState, Phase};
use crate::limits::RequestPermit;
use std::sync::{Arc, OnceLock};

/// While it lives, a request of the connection is in flight: until its answer was handed to the
/// connection as a whole, or came to nothing.
pub struct ActiveRequest {
    connection: Arc<ConnectionState>,
    /// Given up with it.
    permit: OnceLock<RequestPermit>,
}

impl ActiveRequest {
    /// Begins a request, with a body that is still to come or without one.
    pub fn begin(connection: Arc<ConnectionState>, has_body: bool) -> Self {
        connection.enter(if has_body { Phase::Body } else { Phase::Busy });
        Self { connection, permit: OnceLock::new() }
    }

    /// Notes that all of its body is here.
    pub fn body_arrived(&self) {
        if self.connection.phase().0 == Phase::Body {
            self.connection.enter(Phase::Busy);
        }
    }

    /// Keeps the permit that its account gave it.
    pub fn hold(&self, permit: RequestPermit) {
        // A request is one account's: it has one permit.
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
