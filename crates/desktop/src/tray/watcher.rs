//! The service with which the icons of the tray are registered.

use zbus::proxy;

#[proxy(
    interface = "org.kde.StatusNotifierWatcher",
    default_service = "org.kde.StatusNotifierWatcher",
    default_path = "/StatusNotifierWatcher",
    gen_blocking = false
)]
pub trait Watcher {
    /// Registers an icon by the name of its service.
    fn register_status_notifier_item(&self, service: &str) -> zbus::Result<()>;

    /// Whether a tray shows the icons.
    #[zbus(property(emits_changed_signal = "false"))]
    fn is_status_notifier_host_registered(&self) -> zbus::Result<bool>;

    /// A tray that shows the icons started.
    #[zbus(signal)]
    fn status_notifier_host_registered(&self) -> zbus::Result<()>;

    /// A tray that showed the icons stopped.
    #[zbus(signal)]
    fn status_notifier_host_unregistered(&self) -> zbus::Result<()>;
}
