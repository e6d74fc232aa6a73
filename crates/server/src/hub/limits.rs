//! How many sockets may be open.

/// The largest numbers of open sockets; 0 for no limit.
#[derive(Debug, Clone, Copy)]
pub struct SocketLimits {
    /// Of one session, which is one device.
    pub of_session: usize,
    /// Of one account.
    pub of_account: usize,
}

impl Default for SocketLimits {
    fn default() -> Self {
        Self { of_session: 4, of_account: 100 }
    }
}
