//! Shows the notifications of the accounts on the desktop. What notifies is decided in the client; this compares its
//! [`Board`](parlour_client::Board)s with what is shown, and has a [`Daemon`] show the difference.
//!
//! On Linux and other systems of freedesktop.org the daemon is the session bus's service for notifications. For
//! Windows and macOS there is none yet: nothing is shown there.

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
