//! How many sockets may be open.

/// The largest numbers of open sockets; 0 for no limit.
#[derive(Debug, Clone, Copy)]
pub struct SocketLimits {
    /// The number for one session, which is one device.
    pub per_session: usize,
    /// The number for one account.
    pub per_account: usize,
}

impl Default for SocketLimits {
    fn default() -> Self {
        Self { per_session: 4, per_account: 100 }
    }
}
