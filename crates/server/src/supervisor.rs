//! What a supervisor that asked for it, such as systemd, is told of a server.

#[cfg(target_os = "linux")]
use sd_notify::NotifyState;

/// Tells that it serves.
pub fn serves() {
    #[cfg(target_os = "linux")]
    tell(&[NotifyState::Ready]);
}

/// Tells that it reads its settings anew; [`serves`] ends that.
pub fn reloads() {
    #[cfg(target_os = "linux")]
    match NotifyState::monotonic_usec_now() {
        Ok(now) => tell(&[NotifyState::Reloading, now]),
        Err(_) => tell(&[NotifyState::Reloading]),
    }
}

/// Tells that it ends.
pub fn ends() {
    #[cfg(target_os = "linux")]
    tell(&[NotifyState::Stopping]);
}

/// Tells that it is not stuck.
pub fn is_alive() {
    #[cfg(target_os = "linux")]
    tell(&[NotifyState::Watchdog]);
}

/// Without a supervisor that asked for it nothing is told.
#[cfg(target_os = "linux")]
fn tell(what: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(what) {
        tracing::warn!(%error, "the supervisor cannot be told how the server is");
    }
}
