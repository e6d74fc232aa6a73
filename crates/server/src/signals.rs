//! What the system, or somebody at the keyboard, tells the server.

/// What it is told.
pub enum Signal {
    /// To end.
    Stop,
    /// To read its settings anew.
    #[cfg_attr(not(unix), allow(dead_code, reason = "there is no such signal"))]
    Reload,
}

/// Waits for signals, from when it is made on.
pub struct Signals {
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
    #[cfg(unix)]
    hangup: tokio::signal::unix::Signal,
}

impl Signals {
    #[cfg(unix)]
    pub fn new() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            hangup: signal(SignalKind::hangup())?,
        })
    }

    #[cfg(unix)]
    pub async fn next(&mut self) -> std::io::Result<Signal> {
        tokio::select! {
            asked = tokio::signal::ctrl_c() => asked.map(|()| Signal::Stop),
            _ = self.terminate.recv() => Ok(Signal::Stop),
            _ = self.hangup.recv() => Ok(Signal::Reload),
        }
    }

    #[cfg(not(unix))]
    pub fn new() -> std::io::Result<Self> {
        Ok(Self {})
    }

    #[cfg(not(unix))]
    pub async fn next(&mut self) -> std::io::Result<Signal> {
        tokio::signal::ctrl_c().await.map(|()| Signal::Stop)
    }
}
