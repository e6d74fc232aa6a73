//! The signals of a server's shutdown.

use tokio_util::sync::CancellationToken;

/// Signals connections that the server is shutting down.
#[derive(Debug, Clone, Default)]
pub struct ShutdownSignals {
    /// Cancelled when the server stops accepting new requests; those in flight continue.
    pub stopping: CancellationToken,
    /// Cancelled when the requests that are still in flight are aborted.
    pub aborted: CancellationToken,
}
