//! The state that the tray, the taskbar and the window title show: unread counts, and whether notifications are paused.

use crate::texts::DesktopTexts;
use parlour_client::{APP_NAME, Client, Clock, Notice, SettingKey, SystemClock, Unread};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::watch;
use tokio::task::block_in_place;
use tokio::time::{Instant, sleep_until};

/// The minimum time between two updates.
const MIN_INTERVAL: Duration = Duration::from_millis(500);

/// The state that the tray, the taskbar and the window title show.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrayState {
    /// The total unread counts of all accounts.
    pub unread: Unread,
    /// The time until which notifications are paused, in milliseconds since 1970; `None` if they are not.
    pub paused_until: Option<i64>,
    /// The translated texts.
    pub texts: Arc<DesktopTexts>,
}

impl TrayState {
    /// Returns the title of the window.
    pub fn title(&self) -> String {
        match self.unread.all {
            0 => APP_NAME.to_owned(),
            n => format!("({n}) {APP_NAME}"),
        }
    }

    /// Returns the current state of a client's accounts.
    fn new(client: &Client, texts: Arc<DesktopTexts>) -> Self {
        let now = SystemClock.now().0;
        let mut state = Self { texts, ..Self::default() };
        for session in client.sessions().values() {
            match session.unread() {
                Ok(unread) => state.unread = state.unread + unread,
                Err(error) => tracing::warn!(%error, "unread messages could not be counted"),
            }
            let paused = session.setting(SettingKey::PausedUntil, None);
            let paused = paused.ok().and_then(|until| until.parse::<i64>().ok());
            state.paused_until = state.paused_until.max(paused.filter(|until| *until > now));
        }
        state
    }
}

/// Updates `states` whenever the accounts or the texts change. Returns when the client is dropped.
pub async fn update_tray_state(
    client: Arc<Client>,
    mut texts: watch::Receiver<DesktopTexts>,
    states: watch::Sender<TrayState>,
) {
    let mut notices = client.notices();
    let (mut due, mut last) = (Some(Instant::now()), None::<Instant>);
    let mut latest_texts = Arc::new(texts.borrow_and_update().clone());
    loop {
        tokio::select! {
            notice = notices.recv() => match notice {
                Ok((_, Notice::Changed(_) | Notice::Status)) | Err(RecvError::Lagged(_)) => {
                    let time = last.map_or_else(Instant::now, |last| last + MIN_INTERVAL);
                    due = Some(due.map_or(time, |due| due.min(time)));
                }
                Ok((_, Notice::DesktopNotifications | Notice::Files | Notice::Presence | Notice::Typing(..))) => {}
                Err(RecvError::Closed) => return,
            },
            Ok(()) = texts.changed() => {
                latest_texts = Arc::new(texts.borrow_and_update().clone());
                due = Some(Instant::now());
            }
            () = sleep_until(due.unwrap_or_else(Instant::now)), if due.is_some() => {
                let state = block_in_place(|| TrayState::new(&client, latest_texts.clone()));
                last = Some(Instant::now());
                // Wakes up when the pause ends.
                due = state.paused_until.map(|until| {
                    let remaining_ms = u64::try_from(until - SystemClock.now().0).unwrap_or(0);
                    Instant::now() + Duration::from_millis(remaining_ms).max(MIN_INTERVAL)
                });
                states.send_if_modified(|known| {
                    let is_new = *known != state;
                    *known = state;
                    is_new
                });
            }
        }
    }
}
