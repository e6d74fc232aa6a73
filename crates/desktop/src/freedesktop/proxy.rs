//! The daemon's D-Bus interface.

#![allow(clippy::too_many_arguments, reason = "the interface is not ours")]

use std::collections::HashMap;
use zbus::proxy;
use zbus::zvariant::Value;

#[proxy(
    interface = "org.freedesktop.Notifications",
    default_service = "org.freedesktop.Notifications",
    default_path = "/org/freedesktop/Notifications",
    gen_blocking = false
)]
pub trait Notifications {
    /// Returns the daemon's capabilities.
    fn get_capabilities(&self) -> zbus::Result<Vec<String>>;

    /// Shows a notification, replacing another one unless `replaces` is 0; returns its id.
    fn notify(
        &self,
        app: &str,
        replaces: u32,
        icon: &str,
        title: &str,
        body: &str,
        actions: &[&str],
        hints: HashMap<&str, Value<'_>>,
        expires_ms: i32,
    ) -> zbus::Result<u32>;

    /// Closes a notification.
    fn close_notification(&self, id: u32) -> zbus::Result<()>;

    /// The user chose an action.
    #[zbus(signal)]
    fn action_invoked(&self, id: u32, action: String) -> zbus::Result<()>;

    /// The activation token of the action that follows.
    #[zbus(signal)]
    fn activation_token(&self, id: u32, token: String) -> zbus::Result<()>;

    /// The user wrote a reply (KDE).
    #[zbus(signal)]
    fn notification_replied(&self, id: u32, text: String) -> zbus::Result<()>;

    /// A notification was closed.
    #[zbus(signal)]
    fn notification_closed(&self, id: u32, reason: u32) -> zbus::Result<()>;
}
