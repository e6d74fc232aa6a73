//! The signals of the system or the terminal that the server handles.

/// A signal.
pub enum Signal {
    /// Stops the server.
    Stop,
    /// Reloads the settings.
    #[cfg_attr(not(unix), allow(dead_code, reason = "there is no such signal"))]
    Reload,
}

/// Receives signals from its creation on.
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
            result = tokio::signal::ctrl_c() => result.map(|()| Signal::Stop),
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

/// Lets a write beyond the system's limit on the size of files (`ulimit -f`) fail, as it does if the disk is full. By
/// default it ends the process. Needs a Tokio runtime.
///
/// # Errors
/// Fails if the system does not accept the handler.
pub fn survive_large_files() -> std::io::Result<()> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let exceeded = SignalKind::from_raw(rustix::process::Signal::XFSZ.as_raw());
        // The handler remains without anybody who listens.
        drop(signal(exceeded)?);
    }
    Ok(())
}
