//! What one connection is doing, and whether it is to end.

use super::limits::ConnectionLimits;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::Notify;

/// What a connection is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// The head of a request is to come, or to go on coming.
    Head = 0,
    /// The body of a request is to come, or to go on coming.
    Body = 1,
    /// It had a request, and waits for the next one.
    Idle = 2,
    /// A request is being answered.
    Busy = 3,
    /// It is a socket.
    Socket = 4,
}

/// What a connection is doing, since when, and whether it is to end.
pub struct ConnectionState {
    began: Instant,
    /// The phase in the lowest three bits, above them the milliseconds after `began` at which it began.
    state: AtomicU64,
    cut: Notify,
}

impl ConnectionState {
    /// A connection that was just opened; `began` is any moment before, the same for all.
    pub fn new(began: Instant) -> Arc<Self> {
        let new = Self { began, state: AtomicU64::default(), cut: Notify::new() };
        new.enter(Phase::Head);
        Arc::new(new)
    }

    /// Notes that a phase begins.
    pub fn enter(&self, phase: Phase) {
        let ms = u64::try_from(self.began.elapsed().as_millis()).unwrap_or(0);
        self.state.store(ms << 3 | phase as u64, Ordering::Relaxed);
    }

    /// The phase, and how long after `began` it began.
    pub fn phase(&self) -> (Phase, Duration) {
        let state = self.state.load(Ordering::Relaxed);
        let phases = [Phase::Head, Phase::Body, Phase::Idle, Phase::Busy, Phase::Socket];
        let phase = phases.get((state & 7) as usize).copied().unwrap_or(Phase::Socket);
        (phase, Duration::from_millis(state >> 3))
    }

    /// Notes that something came: the next request begins with it.
    pub fn hear(&self) {
        if self.phase().0 == Phase::Idle {
            self.enter(Phase::Head);
        }
    }

    /// Whether no request is in flight, nor its body on its way.
    pub fn is_waiting(&self) -> bool {
        matches!(self.phase().0, Phase::Head | Phase::Idle)
    }

    /// Whether nothing of the server's is lost if it goes.
    pub fn makes_room(&self) -> bool {
        self.phase().0 < Phase::Busy
    }

    /// Whether it became a socket.
    pub fn is_socket(&self) -> bool {
        self.phase().0 == Phase::Socket
    }

    /// Tells the connection to end.
    pub fn cut(&self) {
        self.cut.notify_one();
    }

    /// Ends once the connection is to end.
    pub async fn until_cut(&self) {
        self.cut.notified().await;
    }

    /// Whether its phase has taken longer than it may.
    pub fn is_overdue(&self, limits: &ConnectionLimits) -> bool {
        let (phase, since) = self.phase();
        let lasts = self.began.elapsed().saturating_sub(since);
        match phase {
            Phase::Head => lasts >= limits.header,
            Phase::Idle => lasts >= limits.idle,
            // A body has its own time; see `in_time` of the routes.
            Phase::Body | Phase::Busy | Phase::Socket => false,
        }
    }
}
