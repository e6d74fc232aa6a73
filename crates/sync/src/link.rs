//! The state of the connection to the server: a socket, or polling where something blocks sockets; and
//! whether an existing connection is alive or only seems to be.

use crate::backoff::Backoff;
use crate::now::Now;
use parlour_protocol::ErrorCode;

/// Maximum time for the response to a probe.
pub const PROBE_MS: i64 = 3_000;
/// Interval of polling for changes where something blocks sockets.
pub const POLL_MS: i64 = 5_000;

/// The state of the connection to the server.
#[derive(Debug, Clone, Default)]
pub struct Link {
    /// The state of the socket.
    pub socket: Socket,
    /// Whether the server is polled, because requests are answered but something blocks sockets.
    pub polls: bool,
    /// The pending probe, if the connection may be dead.
    pub probe: Option<Probe>,
    /// Number of pings that were sent.
    pub pings: u64,
    /// The schedule for opening the socket again.
    pub reconnect: Backoff,
}

/// The state of the socket.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Socket {
    /// There is none.
    #[default]
    Closed,
    /// It is being opened.
    Opening,
    /// Something on the way does not let it pass. A request will show whether the server is
    /// available at all.
    Blocked,
    /// It is open: the server has sent its Hello.
    Open,
}

/// A pending probe of the connection, which may have died unnoticed: the machine slept, the network
/// changed, or the user requested a check.
#[derive(Debug, Clone, Copy)]
pub struct Probe {
    /// The number of the ping whose pong ends the probe.
    pub ping: u64,
    /// The time at which the connection is given up if there was no response.
    pub deadline: Now,
}

impl Link {
    /// Returns whether requests can be sent to the server.
    pub fn is_up(&self) -> bool {
        self.socket == Socket::Open || self.polls
    }

    /// Returns whether the socket is blocked, so that a request must show if the server is available.
    pub fn is_blocked(&self) -> bool {
        self.socket == Socket::Blocked
    }

    /// Returns when a probe ends or a retry becomes due, or `None` if neither is pending.
    pub fn wake_at(&self, now: Now) -> Option<Now> {
        let probe = self.probe.map(|probe| probe.deadline);
        let retry = if self.socket == Socket::Closed { self.reconnect.due_at(now) } else { None };
        probe.into_iter().chain(retry).min()
    }
}

/// Returns whether an error means that there was no response, or one that did not come from the server.
pub fn is_no_answer(code: ErrorCode) -> bool {
    matches!(
        code,
        ErrorCode::Offline
            | ErrorCode::NotAServer
            | ErrorCode::Moved
            | ErrorCode::Certificate
            | ErrorCode::KeyChanged
    )
}
