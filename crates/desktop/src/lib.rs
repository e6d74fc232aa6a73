//! The integration with the desktop: notifications, the icon in the tray, one process per data folder, the start at
//! login, the position of the window, and the log.
//!
//! The client decides about what the user is notified; this crate compares its
//! [`DesktopNotifications`](parlour_client::DesktopNotifications)s with what is shown, and passes the
//! differences to a [`Daemon`]. On Linux and other freedesktop.org systems, the daemon and the tray are
//! services on the session bus. On Windows and macOS, nothing is shown yet.

mod autostart;
#[cfg(target_os = "linux")]
mod bus;
mod content;
mod daemon;
#[cfg(target_os = "linux")]
mod freedesktop;
mod handle_action;
mod instance;
mod log;
mod placement;
mod preferences;
mod presenter;
mod sanitize;
mod texts;
#[cfg(target_os = "linux")]
mod tray;
mod tray_state;

pub use autostart::{Autostart, MINIMISED};
#[cfg(target_os = "linux")]
pub use bus::Bus;
pub use content::{MessageTarget, NotificationContent};
pub use daemon::{Daemon, Event, NoDaemon, NotificationAction};
#[cfg(target_os = "linux")]
pub use freedesktop::Freedesktop;
pub use instance::{Instance, Launch};
pub use log::{LogFile, LogLayer};
pub use placement::{Area, Placement};
pub use preferences::{Closing, Preferences, PreferencesFile};
pub use presenter::{OpenRequest, Presenter};
pub use texts::DesktopTexts;
#[cfg(target_os = "linux")]
pub use tray::{Icon, Tray, TrayAction};
pub use tray_state::{TrayState, update_tray_state};
