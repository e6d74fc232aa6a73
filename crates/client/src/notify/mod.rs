//! Decides from the mirror what notifies. It reads no clock and shows nothing: [`decide::decide`] is the rule for one
//! message, [`Notifier`] applies it to what is received, and [`Board`] is the result, which the desktop shows.

mod absence;
pub(crate) mod activity;
mod board;
mod decide;
mod level;
mod notifier;
mod pause;
mod preferences;
mod quiet;
mod received;
mod show;
#[cfg(test)]
mod tests;

pub(crate) use absence::Absence;
pub use activity::{ActivityCause, ActivityEntry, ActivityPage};
pub use board::{Board, Line, Notification, Summary};
pub use notifier::{Moment, Notifier};
pub use pause::Pause;
pub(crate) use preferences::Preferences;
pub use received::Received;
pub(crate) use received::ReceivedQueue;
pub use show::{Shows, Text};
