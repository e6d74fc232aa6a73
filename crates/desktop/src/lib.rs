//! The desktop around the window: notifications of the accounts, the icon in the tray, one program per data folder,
//! the start at login, the place of the window, and the log.
//!
//! The client decides what notifies; this crate compares its [`Board`](parlour_client::Board)s with what is shown, and
//! passes the differences to a [`Daemon`]. On Linux and other freedesktop.org systems, the daemon and the tray are
//! services on the session bus. On Windows and macOS, nothing is shown yet.

mod answer;
#[cfg(target_os = "linux")]
mod bus;
mod daemon;
#[cfg(target_os = "linux")]
mod freedesktop;
mod instance;
mod log;
mod login;
mod look;
mod note;
mod place;
mod preferences;
mod presenter;
mod safe;
#[cfg(target_os = "linux")]
mod tray;
mod words;

#[cfg(target_os = "linux")]
pub use bus::Bus;
pub use daemon::{Chosen, Daemon, Event, NoDaemon};
#[cfg(target_os = "linux")]
pub use freedesktop::Freedesktop;
pub use instance::{Instance, Launch};
pub use log::{LogFile, Plain};
pub use login::{Login, MINIMISED};
pub use look::{Look, follow};
pub use note::{Lead, Note};
pub use place::{Area, Place};
pub use preferences::{Closing, Preferences, PreferencesFile};
pub use presenter::{Opened, Presenter};
#[cfg(target_os = "linux")]
pub use tray::{Icon, Picked, Tray};
pub use words::Words;
