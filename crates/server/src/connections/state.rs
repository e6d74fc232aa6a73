//! The state of one connection: its phase, and whether it should end.

use super::limits::ConnectionLimits;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::Notify;

/// The phase of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// Waiting for the head of a request, or for the rest of it.
    Head = 0,
    /// Waiting for the body of a request, or for the rest of it.
    Body = 1,
    /// Waiting for another request after the first one.
    Idle = 2,
    /// Handling a request.
    Busy = 3,
    /// The connection is a socket.
    Socket = 4,
}

/// The state of a connection: its phase, since when it lasts, and whether the connection should end.
pub struct ConnectionState {
    started_at: Instant,
    /// The phase in the lowest three bits; above them, when it began, in milliseconds after `started_at`.
    state: AtomicU64,
    close: Notify,
}

impl ConnectionState {
    /// Creates the state of a connection that was just opened; `started_at` is an earlier time, the same for all
    /// connections.
    pub fn new(started_at: Instant) -> Arc<Self> {
        let new = Self { started_at, state: AtomicU64::default(), close: Notify::new() };
        new.set_phase(Phase::Head);
        Arc::new(new)
    }

    /// Sets the phase, which begins now.
    pub fn set_phase(&self, phase: Phase) {
        let ms = u64::try_from(self.started_at.elapsed().as_millis()).unwrap_or(0);
        self.state.store(ms << 3 | phase as u64, Ordering::Relaxed);
    }

    /// Returns the phase, and how long after `started_at` it began.
    pub fn phase(&self) -> (Phase, Duration) {
        let state = self.state.load(Ordering::Relaxed);
        let phases = [Phase::Head, Phase::Body, Phase::Idle, Phase::Busy, Phase::Socket];
        let phase = phases.get((state & 7) as usize).copied().unwrap_or(Phase::Socket);
        (phase, Duration::from_millis(state >> 3))
    }

    /// Records that bytes arrived: on an idle connection the next request begins with them.
    pub fn bytes_received(&self) {
        if self.phase().0 == Phase::Idle {
            self.set_phase(Phase::Head);
        }
    }

    /// Returns whether the connection is waiting for a request, or for the rest of a request's head.
    pub fn is_waiting(&self) -> bool {
        matches!(self.phase().0, Phase::Head | Phase::Idle)
    }

    /// Returns whether the connection may be closed without losing any work of the server.
    pub fn may_be_closed(&self) -> bool {
        self.phase().0 < Phase::Busy
    }

    /// Returns whether it became a socket.
    pub fn is_socket(&self) -> bool {
        self.phase().0 == Phase::Socket
    }

    /// Requests that the connection is closed.
    pub fn close(&self) {
        self.close.notify_one();
    }

    /// Waits until the connection should be closed.
    pub async fn wait_until_closed(&self) {
        self.close.notified().await;
    }

    /// Returns whether the current phase has taken longer than it may.
    pub fn is_overdue(&self, limits: &ConnectionLimits) -> bool {
        let (phase, phase_started) = self.phase();
        let elapsed = self.started_at.elapsed().saturating_sub(phase_started);
        match phase {
            Phase::Head => elapsed >= limits.header,
            Phase::Idle => elapsed >= limits.idle,
            // The routes limit the time of a body; see `limit_time` there.
            Phase::Body | Phase::Busy | Phase::Socket => false,
        }
    }
}
