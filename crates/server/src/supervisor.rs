//! Notifies a supervisor such as systemd of the server's state, if the supervisor supports it.

#[cfg(target_os = "linux")]
use sd_notify::NotifyState;

/// Notifies the supervisor that the server is ready.
pub fn notify_ready() {
    #[cfg(target_os = "linux")]
    notify(&[NotifyState::Ready]);
}

/// Notifies the supervisor that the server is reloading its settings, until [`notify_ready`] is called.
pub fn notify_reloading() {
    #[cfg(target_os = "linux")]
    match NotifyState::monotonic_usec_now() {
        Ok(now) => notify(&[NotifyState::Reloading, now]),
        Err(_) => notify(&[NotifyState::Reloading]),
    }
}

/// Notifies the supervisor that the server is stopping.
pub fn notify_stopping() {
    #[cfg(target_os = "linux")]
    notify(&[NotifyState::Stopping]);
}

/// Notifies the supervisor that the server is not stuck.
pub fn notify_alive() {
    #[cfg(target_os = "linux")]
    notify(&[NotifyState::Watchdog]);
}

/// Sends a notification. Does nothing without a supervisor that supports it.
#[cfg(target_os = "linux")]
fn notify(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        tracing::warn!(%error, "cannot notify the supervisor");
    }
}
