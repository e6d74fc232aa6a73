//! The service that knows the icons of the tray.

use zbus::proxy;

#[proxy(
    interface = "org.kde.StatusNotifierWatcher",
    default_service = "org.kde.StatusNotifierWatcher",
    default_path = "/StatusNotifierWatcher",
    gen_blocking = false
)]
pub trait Watcher {
    /// Tells of an icon, by the name of its service.
    fn register_status_notifier_item(&self, service: &str) -> zbus::Result<()>;

    /// Whether anything shows the icons.
    #[zbus(property(emits_changed_signal = "false"))]
    fn is_status_notifier_host_registered(&self) -> zbus::Result<bool>;

    /// Something shows the icons from now on.
    #[zbus(signal)]
    fn status_notifier_host_registered(&self) -> zbus::Result<()>;

    /// Something that showed the icons is gone.
    #[zbus(signal)]
    fn status_notifier_host_unregistered(&self) -> zbus::Result<()>;
}
