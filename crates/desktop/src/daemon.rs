//! What shows notifications.

use crate::note::Note;
use crate::words::Words;

/// What the user chose in a notification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Chosen {
    /// To open it. `activation` allows the window to take the focus, if the desktop gives such a token.
    Open {
        /// The desktop's activation token, good once.
        activation: Option<String>,
    },
    /// To answer with this text.
    Reply(String),
    /// To mark the conversation as read.
    MarkRead,
    /// To mute the conversation for an hour.
    MuteHour,
}

/// What happened to notifications.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// The user chose something in the notification with this number.
    Chosen(u32, Chosen),
    /// The notification with this number is gone.
    Closed(u32),
    /// The daemon ended or began, and knows none of the notifications any more.
    Restarted,
}

/// Shows notifications. None of its methods waits for long, and none fails: what cannot be shown is not shown.
pub trait Daemon: Send + 'static {
    /// Shows a notification in the place of another one, and returns its number; `None` if it is not shown. With
    /// `is_new` the user is alerted, and without it the one that is shown changes quietly.
    fn show(
        &mut self,
        note: &Note,
        words: &Words,
        replaces: Option<u32>,
        is_new: bool,
    ) -> impl Future<Output = Option<u32>> + Send;

    /// Closes a notification.
    fn close(&mut self, number: u32) -> impl Future<Output = ()> + Send;

    /// Returns what happens next. It can be dropped while it waits, and nothing is lost.
    fn event(&mut self) -> impl Future<Output = Event> + Send;
}

/// A system on which nothing shows notifications yet.
#[derive(Debug)]
pub struct NoDaemon;

impl Daemon for NoDaemon {
    async fn show(&mut self, _: &Note, _: &Words, _: Option<u32>, _: bool) -> Option<u32> {
        None
    }

    async fn close(&mut self, _: u32) {}

    async fn event(&mut self) -> Event {
        std::future::pending().await
    }
}
