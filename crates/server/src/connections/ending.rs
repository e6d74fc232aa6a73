//! How a server ends.

use tokio_util::sync::CancellationToken;

/// Tells connections that the server stops.
#[derive(Debug, Clone, Default)]
pub struct Ending {
    /// Nothing new is taken; what is in flight goes on.
    pub begins: CancellationToken,
    /// What is still in flight is cut.
    pub cut: CancellationToken,
}
