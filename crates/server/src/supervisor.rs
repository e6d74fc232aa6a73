//! Notifies a supervisor such as systemd of the server's state, if the supervisor asked for that.

#[cfg(target_os = "linux")]
use sd_notify::NotifyState;

/// Notifies the supervisor that the server is ready.
pub fn serves() {
    #[cfg(target_os = "linux")]
    tell(&[NotifyState::Ready]);
}

/// Notifies the supervisor that the server is reloading its settings, until [`serves`] is called.
pub fn reloads() {
    #[cfg(target_os = "linux")]
    match NotifyState::monotonic_usec_now() {
        Ok(now) => tell(&[NotifyState::Reloading, now]),
        Err(_) => tell(&[NotifyState::Reloading]),
    }
}

/// Notifies the supervisor that the server is stopping.
pub fn ends() {
    #[cfg(target_os = "linux")]
    tell(&[NotifyState::Stopping]);
}

/// Notifies the supervisor that the server is not stuck.
pub fn is_alive() {
    #[cfg(target_os = "linux")]
    tell(&[NotifyState::Watchdog]);
}

/// Sends a notification. Does nothing if there is no supervisor that asked for it.
#[cfg(target_os = "linux")]
fn tell(what: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(what) {
        tracing::warn!(%error, "cannot notify the supervisor");
    }
}
