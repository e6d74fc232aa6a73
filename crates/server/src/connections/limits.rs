//! How many connections there may be, and how long each may take.

use std::time::Duration;

/// Files that the server needs beside its connections: the database's, the bus, what is accepted
/// before it is counted.
#[cfg(unix)]
const OTHER_FILES: u64 = 256;

/// How many connections, and the longest time for each part of what they do.
#[derive(Debug, Clone, Copy)]
pub struct ConnectionLimits {
    /// Most connections, sockets among them; never more than the process may open files.
    pub connections: usize,
    /// Most connections of one network (IPv4 /24, IPv6 /48) that are no sockets; 0 for no limit. Behind a proxy that is
    /// trusted there is none, for they all come from there.
    pub of_network: usize,
    /// For the head of a request, from its first byte or, on a new connection, from the connection.
    pub header: Duration,
    /// Between two pieces of a request's body.
    pub piece: Duration,
    /// From a request's head until its answer begins.
    pub request: Duration,
    /// Without the peer taking anything of what is written to it.
    pub stalled: Duration,
    /// For the whole of an answer.
    pub answer: Duration,
    /// A request waits for a permit, where its account has many in flight.
    pub turn: Duration,
    /// Without a request, on a connection that had one.
    pub idle: Duration,
    /// What is in flight may still take when the server stops.
    pub ending: Duration,
}

impl Default for ConnectionLimits {
    /// Longer than a client waits for an answer (30 s) and keeps an idle connection (90 s).
    fn default() -> Self {
        Self {
            connections: 16_384,
            of_network: 4096,
            header: Duration::from_secs(10),
            piece: Duration::from_secs(10),
            request: Duration::from_secs(30),
            stalled: Duration::from_secs(30),
            answer: Duration::from_secs(60),
            turn: Duration::from_secs(5),
            idle: Duration::from_secs(120),
            ending: Duration::from_secs(10),
        }
    }
}

impl ConnectionLimits {
    /// Between two looks for connections whose time is over.
    pub(super) fn sweep(&self) -> Duration {
        (self.header.min(self.idle) / 10).clamp(Duration::from_millis(5), Duration::from_secs(1))
    }

    /// As many connections as the process may have files open, at most.
    pub(super) fn within_files(self) -> Self {
        #[cfg(unix)]
        if let Ok((files, _)) = rlimit::getrlimit(rlimit::Resource::NOFILE) {
            let room = files.saturating_sub(OTHER_FILES).max(files / 2);
            let connections = self.connections.min(usize::try_from(room).unwrap_or(usize::MAX));
            return Self { connections, ..self };
        }
        self
    }
}
