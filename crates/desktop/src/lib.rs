//! Shows the accounts' notifications on the desktop. The client decides what notifies; this crate compares its
//! [`Board`](parlour_client::Board)s with what is shown, and passes the differences to a [`Daemon`].
//!
//! On Linux and other freedesktop.org systems the daemon is the notification service on the session bus. On Windows and
//! macOS, nothing is shown yet.

mod answer;
mod daemon;
#[cfg(target_os = "linux")]
mod freedesktop;
mod note;
mod presenter;
mod safe;
mod words;

pub use daemon::{Chosen, Daemon, Event, NoDaemon};
#[cfg(target_os = "linux")]
pub use freedesktop::Freedesktop;
pub use note::{Lead, Note};
pub use presenter::{Opened, Presenter};
pub use words::Words;
