//! The largest number of connections, and how long each may take.

use std::time::Duration;

/// The number of files that the server needs besides its connections: for the database, the bus, and connections
/// that are accepted but not counted yet.
#[cfg(unix)]
const OTHER_FILES: u64 = 256;

/// The largest number of connections, and the longest time for each part of what they do.
#[derive(Debug, Clone, Copy)]
pub struct ConnectionLimits {
    /// The largest number of connections, including sockets; never more than the process may open files.
    pub connections: usize,
    /// The largest number of connections from one network (IPv4 /24, IPv6 /48), not counting sockets; 0 for
    /// no limit. There is no such limit behind a trusted proxy, because all connections come from the proxy.
    pub per_network: usize,
    /// For the head of a request, from its first byte or, on a new connection, from the moment it was opened.
    pub header: Duration,
    /// Between two chunks of a request's body.
    pub body_chunk: Duration,
    /// From the head of a request until its response begins.
    pub request: Duration,
    /// For the peer to receive some of what is sent to it.
    pub stalled: Duration,
    /// For the whole of a response.
    pub response: Duration,
    /// For a request to wait for a permit while its account has too many in flight.
    pub permit_wait: Duration,
    /// The memory for large responses that are being sent, in bytes; one account gets an eighth of it.
    pub response_memory: usize,
    /// Without a request, on a connection that has had one.
    pub idle: Duration,
    /// For the requests that are still in flight when the server stops.
    pub shutdown_grace: Duration,
}

impl Default for ConnectionLimits {
    /// Longer than a client waits for a response (30 s) and keeps an idle connection (90 s).
    fn default() -> Self {
        Self {
            connections: 16_384,
            per_network: 4096,
            header: Duration::from_secs(10),
            body_chunk: Duration::from_secs(10),
            request: Duration::from_secs(30),
            stalled: Duration::from_secs(30),
            response: Duration::from_secs(60),
            permit_wait: Duration::from_secs(5),
            response_memory: 256 * 1024 * 1024,
            idle: Duration::from_secs(120),
            shutdown_grace: Duration::from_secs(10),
        }
    }
}

impl ConnectionLimits {
    /// Returns the time between two searches for overdue connections.
    pub(super) fn sweep(&self) -> Duration {
        (self.header.min(self.idle) / 10).clamp(Duration::from_millis(5), Duration::from_secs(1))
    }

    /// Limits the number of connections to the number of files that the process may open.
    pub(super) fn within_files(self) -> Self {
        #[cfg(unix)]
        if let Ok((files, _)) = rlimit::getrlimit(rlimit::Resource::NOFILE) {
            let available = files.saturating_sub(OTHER_FILES).max(files / 2);
            let connections =
                self.connections.min(usize::try_from(available).unwrap_or(usize::MAX));
            return Self { connections, ..self };
        }
        self
    }
}
