//! The delays and losses of the simulated network.

use super::state::{Event, World};
use crate::client::NetworkRequest;
use crate::wire::no_response;
use parlour_protocol::ErrorCode;

impl World {
    pub(super) fn is_lost(&mut self, client: usize) -> bool {
        self.now < self.cut_until[client] || (self.has_faults && self.rng.permille(40))
    }

    pub(super) fn delay(&mut self) -> i64 {
        if self.has_faults && self.rng.permille(30) {
            return self.rng.between(1000, 15_000);
        }
        self.rng.between(1, 80)
    }

    /// Schedules an event, if there is one.
    pub(super) fn schedule(&mut self, ms: i64, event: Option<Event>) {
        if let Some(event) = event {
            self.schedule_after(ms, event);
        }
    }

    pub(super) fn close(&mut self, client: usize) {
        self.sockets[client] = 0;
        self.servers.leave(client);
    }
}

/// Returns the event that reports to a device that its request failed, if there is one.
pub(super) fn fail(
    client: usize,
    life: u64,
    request: NetworkRequest,
    code: ErrorCode,
) -> Option<Event> {
    match request {
        NetworkRequest::Connect(tried) => Some(Event::Ended(client, life, tried, code)),
        NetworkRequest::Call(number, _) => {
            Some(Event::Response(client, number, Err(no_response(code))))
        }
        NetworkRequest::Ping(_) | NetworkRequest::HangUp | NetworkRequest::Pause => None,
    }
}
