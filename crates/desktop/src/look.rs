//! What the desktop shows of the accounts besides notifications: numbers, and whether notifications are paused.

use crate::words::Words;
use parlour_client::{APP_NAME, Client, Clock, Notice, SettingKey, SystemClock, Unread};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::watch;
use tokio::task::block_in_place;
use tokio::time::{Instant, sleep_until};

/// The shortest time between two counts.
const EVERY: Duration = Duration::from_millis(500);

/// What the tray, the taskbar and the title show.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Look {
    /// The numbers of unread messages of all accounts.
    pub unread: Unread,
    /// The time until which notifications are paused, in milliseconds, if they are.
    pub paused_until: Option<i64>,
    /// The words.
    pub words: Arc<Words>,
}

impl Look {
    /// Returns the title of the window.
    pub fn title(&self) -> String {
        match self.unread.all {
            0 => APP_NAME.to_owned(),
            n => format!("({n}) {APP_NAME}"),
        }
    }

    /// Returns the look of a client's accounts now.
    fn of(client: &Client, words: Arc<Words>) -> Self {
        let now = SystemClock.now().0;
        let mut look = Self { words, ..Self::default() };
        for session in client.sessions().values() {
            match session.unread() {
                Ok(unread) => look.unread = look.unread + unread,
                Err(error) => tracing::warn!(%error, "unread messages are not counted"),
            }
            let paused = session.setting(SettingKey::PausedUntil, None);
            let paused = paused.ok().and_then(|until| until.parse::<i64>().ok());
            look.paused_until = look.paused_until.max(paused.filter(|until| *until > now));
        }
        look
    }
}

/// Keeps `looks` equal to what the accounts and the words say. Ends with the client.
pub async fn follow(
    client: Arc<Client>,
    mut words: watch::Receiver<Words>,
    looks: watch::Sender<Look>,
) {
    let mut notices = client.notices();
    let (mut due, mut last) = (Some(Instant::now()), None::<Instant>);
    let mut said = Arc::new(words.borrow_and_update().clone());
    loop {
        let at = due;
        let counting = async move {
            match at {
                Some(at) => sleep_until(at).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            notice = notices.recv() => match notice {
                Ok((_, Notice::Changed(_) | Notice::Status)) | Err(RecvError::Lagged(_)) => {
                    let soon = last.map_or_else(Instant::now, |last| last + EVERY);
                    due = Some(due.map_or(soon, |due| due.min(soon)));
                }
                Ok((_, Notice::Board | Notice::Files | Notice::Presence | Notice::Typing(..))) => {}
                Err(RecvError::Closed) => return,
            },
            Ok(()) = words.changed() => {
                said = Arc::new(words.borrow_and_update().clone());
                due = Some(Instant::now());
            }
            () = counting => {
                let look = block_in_place(|| Look::of(&client, said.clone()));
                last = Some(Instant::now());
                // A pause ends by itself.
                due = look.paused_until.map(|until| {
                    let left = u64::try_from(until - SystemClock.now().0).unwrap_or(0);
                    Instant::now() + Duration::from_millis(left).max(EVERY)
                });
                looks.send_if_modified(|known| {
                    let is_new = *known != look;
                    *known = look;
                    is_new
                });
            }
        }
    }
}
