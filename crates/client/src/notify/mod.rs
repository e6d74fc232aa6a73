//! Decides from the mirror what notifies. It reads no clock and shows nothing: [`decide::decide`] is the
//! rule for one message, [`Notifier`] applies it to what is received, and [`DesktopNotifications`] is the
//! result, which the desktop shows.

pub(crate) mod activity;
mod catch_up;
mod decide;
mod desktop_notifications;
mod detail;
mod level;
mod notifier;
mod pause;
mod preferences;
mod quiet;
mod received;
#[cfg(test)]
mod tests;

pub use activity::{ActivityCause, ActivityEntry, ActivityPage};
pub(crate) use catch_up::CatchUp;
pub use desktop_notifications::{DesktopNotifications, Line, Notification, Summary};
pub use detail::{NotificationDetail, Text};
pub use notifier::{DeviceState, Notifier};
pub use pause::Pause;
pub(crate) use preferences::Preferences;
pub use received::ReceivedItem;
pub(crate) use received::ReceivedQueue;
