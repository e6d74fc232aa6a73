//! How it stands with the ways to the server: the socket, or asking again and again where none passes; and
//! whether what stands is alive, or only seems to be.

use crate::backoff::Backoff;
use crate::now::Now;
use parlour_protocol::ErrorCode;

/// How long what is probed has to answer.
pub const PROBE_MS: i64 = 3_000;
/// How often changes are asked for where no socket passes.
pub const POLL_MS: i64 = 5_000;

/// The ways to the server.
#[derive(Debug, Clone, Default)]
pub struct Link {
    /// The socket.
    pub socket: Socket,
    /// Whether requests are answered though no socket passes: they take its place.
    pub polls: bool,
    /// That it may be dead.
    pub probe: Option<Probe>,
    /// How many pings were sent.
    pub pings: u64,
    /// When the socket is tried again.
    pub reconnect: Backoff,
}

/// How it stands with the socket.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Socket {
    /// There is none.
    #[default]
    Closed,
    /// It was asked for.
    Opening,
    /// Nothing lets it pass. Whether the server is there at all, a request tells.
    Blocked,
    /// The server has said hello.
    Open,
}

/// The machine slept, the network changed or somebody asked: what stands may be dead without a word.
#[derive(Debug, Clone, Copy)]
pub struct Probe {
    /// The ping whose answer ends it.
    pub ping: u64,
    /// When it is given up without one.
    pub deadline: Now,
}

impl Link {
    /// Whether the server can be asked.
    pub fn is_up(&self) -> bool {
        self.socket == Socket::Open || self.polls
    }

    /// Whether a request is to tell if the server is there.
    pub fn is_blocked(&self) -> bool {
        self.socket == Socket::Blocked
    }

    /// When something is to be done about it by itself.
    pub fn wake_at(&self, now: Now) -> Option<Now> {
        let probe = self.probe.map(|probe| probe.deadline);
        let retry = if self.socket == Socket::Closed { self.reconnect.due_at(now) } else { None };
        probe.into_iter().chain(retry).min()
    }
}

/// Whether nobody answered, or somebody else.
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
