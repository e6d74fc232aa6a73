//! The interface to a notification daemon.

use crate::content::NotificationContent;
use crate::texts::DesktopTexts;

/// What the user chose in a notification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotificationAction {
    /// Open the conversation.
    Open {
        /// The desktop's activation token, which lets the window take the focus once.
        activation: Option<String>,
    },
    /// Reply with this text.
    Reply(String),
    /// Mark the conversation as read.
    MarkRead,
    /// Mute the conversation for an hour.
    MuteHour,
}

/// An event of the daemon.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// The user chose an action in the notification with this id.
    ActionChosen(u32, NotificationAction),
    /// The notification with this id was closed.
    Closed(u32),
    /// The daemon stopped or restarted: none of the notifications are shown any more.
    Restarted,
}

/// Shows notifications. No method blocks for long, and none fails: a notification that cannot be shown is skipped.
pub trait Daemon: Send + 'static {
    /// Shows a notification; it replaces the one with the id `replaces`, if given. Returns its id, or
    /// `None` if it cannot be shown. With `is_new` it alerts the user; otherwise the existing one changes
    /// silently.
    fn show(
        &mut self,
        content: &NotificationContent,
        texts: &DesktopTexts,
        replaces: Option<u32>,
        is_new: bool,
    ) -> impl Future<Output = Option<u32>> + Send;

    /// Closes a notification.
    fn close(&mut self, id: u32) -> impl Future<Output = ()> + Send;

    /// Waits for the next event. Dropping the future loses no event.
    fn event(&mut self) -> impl Future<Output = Event> + Send;
}

/// A daemon for systems on which notifications are not supported yet.
#[derive(Debug)]
pub struct NoDaemon;

impl Daemon for NoDaemon {
    async fn show(
        &mut self,
        _: &NotificationContent,
        _: &DesktopTexts,
        _: Option<u32>,
        _: bool,
    ) -> Option<u32> {
        None
    }

    async fn close(&mut self, _: u32) {}

    async fn event(&mut self) -> Event {
        std::future::pending().await
    }
}
