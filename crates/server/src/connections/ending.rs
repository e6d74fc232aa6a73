//! How a server shuts down.

use tokio_util::sync::CancellationToken;

/// Tells connections that the server is shutting down.
#[derive(Debug, Clone, Default)]
pub struct Ending {
    /// Cancelled when the server stops accepting new requests; those in flight continue.
    pub begins: CancellationToken,
    /// Cancelled when the requests that are still in flight are cut off.
    pub cut: CancellationToken,
}
