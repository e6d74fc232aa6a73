//! Decides from the mirror what notifies. It reads no clock and shows nothing: [`decide::decide`] is the
//! rule for one message, [`Notifier`] applies it to what is received, and [`DesktopNotifications`] is the
//! result, which the desktop shows.

mod catch_up;
pub(crate) mod activity;
mod desktop_notifications;
mod decide;
mod level;
mod notifier;
mod pause;
mod preferences;
mod quiet;
mod received;
mod detail;
#[cfg(test)]
mod tests;

pub(crate) use catch_up::CatchUp;
pub use activity::{ActivityCause, ActivityEntry, ActivityPage};
pub use desktop_notifications::{DesktopNotifications, Line, Notification, Summary};
pub use notifier::{DeviceState, Notifier};
pub use pause::Pause;
pub(crate) use preferences::Preferences;
pub use received::ReceivedItem;
pub(crate) use received::ReceivedQueue;
pub use detail::{NotificationDetail, Text};
