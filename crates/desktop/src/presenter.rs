//! Synchronizes the notifications on the desktop with what the accounts notify of.

use crate::content::NotificationContent;
use crate::daemon::{Daemon, Event, NotificationAction};
use crate::handle_action::handle_action;
use crate::texts::DesktopTexts;
use parlour_client::{AccountId, Client, Closed, Notice, NotificationDetail, Session, SettingKey};
use parlour_protocol::{ConversationId, MessageId};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::watch;
use tokio::task::block_in_place;
use tokio::time::{Instant, sleep_until};

/// The minimum time between two changes of the same notification.
const MIN_INTERVAL: Duration = Duration::from_millis(500);
/// How long changes are collected before they are shown.
const COALESCE: Duration = Duration::from_millis(10);
/// Maximum number of notifications that are shown or changed at once; the others follow after `MIN_INTERVAL`.
const BATCH: usize = 8;

/// The subject of a notification: a conversation, or the account as a whole.
type Key = (AccountId, Option<ConversationId>);

/// What the user wants to open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenRequest {
    /// The account.
    pub account: AccountId,
    /// The message and its conversation; `None` for the account's window.
    pub message: Option<(ConversationId, MessageId)>,
    /// The desktop's activation token, which allows the window to take the focus.
    pub activation: Option<String>,
}

struct Shown {
    /// `None` if it could not be shown.
    id: Option<u32>,
    content: NotificationContent,
    shown_at: Instant,
}

/// Shows the notifications of a client's accounts with a daemon.
pub struct Presenter<D> {
    client: Arc<Client>,
    daemon: D,
    shown: BTreeMap<Key, Shown>,
    /// The versions of the summaries that the user closed.
    closed: BTreeMap<AccountId, u64>,
}

impl<D: Daemon> Presenter<D> {
    /// Creates a presenter, which shows nothing yet.
    pub fn new(client: Arc<Client>, daemon: D) -> Self {
        Self { client, daemon, shown: BTreeMap::new(), closed: BTreeMap::new() }
    }

    /// Shows the notifications once the translated texts are known, and calls `open` when the user wants to
    /// open something. Never returns.
    pub async fn run(
        mut self,
        mut texts: watch::Receiver<DesktopTexts>,
        open: impl Fn(OpenRequest) + Send + Sync,
    ) {
        let mut notices = self.client.notices();
        let mut due = Some(Instant::now());
        loop {
            tokio::select! {
                event = self.daemon.event() => self.handle(event, &open).await,
                notice = notices.recv() => match notice {
                    Ok((_, Notice::DesktopNotifications | Notice::Status)) | Err(RecvError::Lagged(_)) => {
                        let time = Instant::now() + COALESCE;
                        due = Some(due.map_or(time, |due| due.min(time)));
                    }
                    Ok((_, Notice::Changed(_) | Notice::Files | Notice::Presence | Notice::Typing(..))) => {}
                    Err(RecvError::Closed) => return,
                },
                Ok(()) = texts.changed() => due = Some(Instant::now()),
                () = sleep_until(due.unwrap_or_else(Instant::now)), if due.is_some() => {
                    let latest_texts = texts.borrow_and_update().clone();
                    due = self.present(&latest_texts).await;
                }
            }
        }
    }

    /// Updates the desktop; returns when to continue, if something was postponed.
    async fn present(&mut self, texts: &DesktopTexts) -> Option<Instant> {
        // The window has not sent the texts yet.
        if texts.new_message.is_empty() {
            return None;
        }
        let desired = block_in_place(|| self.desired(texts));
        self.show(desired, texts, Instant::now()).await
    }

    /// Applies the differences between `desired` and what is shown; returns when to continue, if something was postponed.
    async fn show(
        &mut self,
        desired: BTreeMap<Key, NotificationContent>,
        texts: &DesktopTexts,
        now: Instant,
    ) -> Option<Instant> {
        let removed: Vec<Key> =
            self.shown.keys().filter(|key| !desired.contains_key(key)).cloned().collect();
        for key in removed {
            if let Some(Shown { id: Some(id), .. }) = self.shown.remove(&key) {
                self.daemon.close(id).await;
            }
        }
        let (mut continue_at, mut changed) = (None, 0);
        for (key, content) in desired {
            let before = self.shown.get(&key);
            if before.is_some_and(|before| before.content == content) {
                continue;
            }
            let allowed_at =
                before.map(|before| before.shown_at + MIN_INTERVAL).filter(|time| *time > now);
            let allowed_at = allowed_at.or_else(|| (changed >= BATCH).then(|| now + MIN_INTERVAL));
            if let Some(time) = allowed_at {
                continue_at = Some(continue_at.map_or(time, |earlier: Instant| earlier.min(time)));
                continue;
            }
            let is_new = content.version > 0
                && before.is_none_or(|before| before.content.version != content.version);
            let replaces = before.and_then(|before| before.id);
            let id = self.daemon.show(&content, texts, replaces, is_new).await;
            self.shown.insert(key, Shown { id, content, shown_at: now });
            changed += 1;
        }
        continue_at
    }

    /// Returns all notifications that should be shown.
    fn desired(&self, texts: &DesktopTexts) -> BTreeMap<Key, NotificationContent> {
        let mut desired = BTreeMap::new();
        for (id, session) in self.client.sessions() {
            let notifications = session.desktop_notifications();
            let visibility = visibility(&session);
            for (conversation, notification) in &notifications.by_conversation {
                let content =
                    NotificationContent::of_conversation(&id, notification, visibility, texts);
                desired.insert((id.clone(), Some(*conversation)), content);
            }
            if let Some(summary) = notifications.summary {
                let content = NotificationContent::missed(&id, summary, texts);
                if self.closed.get(&id) != Some(&content.version) {
                    desired.insert((id, None), content);
                }
            }
        }
        // For an account that was locked in the meantime, only the existence of messages is shown.
        for (id, reason) in self.client.closed() {
            let is_locked = matches!(reason, Closed::Passphrase);
            if is_locked && self.shown.keys().any(|(account, _)| *account == id) {
                desired.insert((id.clone(), None), NotificationContent::locked(&id, texts));
            }
        }
        desired
    }

    async fn handle(&mut self, event: Event, open: &(impl Fn(OpenRequest) + Sync)) {
        match event {
            Event::ActionChosen(id, action) => {
                self.handle_action(id, action, open);
                // Some daemons keep it open.
                self.daemon.close(id).await;
            }
            Event::Closed(id) => {
                if let Some(key) = self.key_of(id) {
                    self.mark_closed(&key);
                }
            }
            Event::Restarted => {
                for key in self.shown.keys().cloned().collect::<Vec<_>>() {
                    self.mark_closed(&key);
                }
            }
        }
    }

    fn handle_action(&mut self, id: u32, action: NotificationAction, open: &impl Fn(OpenRequest)) {
        let Some(key) = self.key_of(id) else { return };
        let Some(target) = self.shown.get(&key).map(|shown| shown.content.target.clone()) else {
            return;
        };
        if let NotificationAction::Open { activation } = action {
            let message = target.map(|target| (target.conversation, target.message));
            open(OpenRequest { account: key.0.clone(), message, activation });
        } else if let Some((target, session)) = target.zip(self.client.session_of(&key.0).ok())
            && let Err(error) = block_in_place(|| handle_action(&session, &target, &action))
        {
            tracing::warn!(%error, "the action of a notification failed");
            // The user can repeat it in the window.
            let message = Some((target.conversation, target.message));
            open(OpenRequest { account: key.0.clone(), message, activation: None });
        }
        self.mark_closed(&key);
    }

    fn key_of(&self, id: u32) -> Option<Key> {
        let mut shown = self.shown.iter();
        shown.find(|(_, shown)| shown.id == Some(id)).map(|(key, _)| key.clone())
    }

    /// Records that a notification was closed, so that its content is not shown again.
    fn mark_closed(&mut self, key: &Key) {
        let (account, conversation) = key;
        let version = self.shown.get(key).map_or(0, |shown| shown.content.version);
        // It stays in `shown` until the client removes it, so that it is not shown again in the meantime.
        if let Some(shown) = self.shown.get_mut(key) {
            shown.id = None;
        }
        match conversation {
            Some(conversation) => {
                if let Ok(session) = self.client.session_of(account) {
                    session.dismiss_notification(*conversation, version);
                }
            }
            None => {
                self.shown.remove(key);
                self.closed.insert(account.clone(), version);
            }
        }
    }
}

/// Returns how much an account's notifications reveal on this device; as little as possible if the setting cannot be read.
fn visibility(session: &Session) -> (NotificationDetail, bool) {
    let detail = session.setting(SettingKey::NotificationDetail, None);
    let detail =
        detail.map_or(NotificationDetail::Nothing, |stored| NotificationDetail::parse(&stored));
    (detail, session.is_on(SettingKey::NotificationSound).unwrap_or(false))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A call of the daemon.
    #[derive(Debug, PartialEq, Eq)]
    enum Call {
        Show(String, Option<u32>, bool),
        Close(u32),
    }

    /// A daemon that records its calls.
    #[derive(Default)]
    struct RecordingDaemon(Vec<Call>, u32);

    impl Daemon for RecordingDaemon {
        async fn show(
            &mut self,
            content: &NotificationContent,
            _: &DesktopTexts,
            replaces: Option<u32>,
            new: bool,
        ) -> Option<u32> {
            self.0.push(Call::Show(content.title.clone(), replaces, new));
            self.1 += 1;
            replaces.or(Some(self.1))
        }

        async fn close(&mut self, id: u32) {
            self.0.push(Call::Close(id));
        }

        async fn event(&mut self) -> Event {
            std::future::pending().await
        }
    }

    fn content(title: &str, version: u64) -> NotificationContent {
        let (account, body) = (AccountId::default(), String::new());
        NotificationContent {
            account,
            title: title.into(),
            body,
            target: None,
            has_sound: true,
            version,
        }
    }

    fn key(n: u128) -> Key {
        let id = format!("00000000-0000-0000-0000-{n:012}").parse().unwrap();
        (AccountId::default(), Some(ConversationId(id)))
    }

    fn presenter() -> (tempfile::TempDir, Presenter<RecordingDaemon>) {
        let folder = tempfile::tempdir().unwrap();
        let client = Arc::new(Client::open(folder.path()).unwrap());
        (folder, Presenter::new(client, RecordingDaemon::default()))
    }

    #[tokio::test]
    async fn a_change_replaces_the_notification_and_removal_closes_it() {
        let (_folder, mut presenter) = presenter();
        let (texts, mut now) = (DesktopTexts::default(), Instant::now());
        for (title, version) in [("one", 1), ("one", 1), ("two", 2), ("edited", 2)] {
            presenter.show([(key(1), content(title, version))].into(), &texts, now).await;
            now += MIN_INTERVAL;
        }
        presenter.show(BTreeMap::new(), &texts, now).await;
        let calls = [
            Call::Show("one".into(), None, true),
            Call::Show("two".into(), Some(1), true),
            Call::Show("edited".into(), Some(1), false),
            Call::Close(1),
        ];
        assert_eq!(presenter.daemon.0, calls);
    }

    #[tokio::test]
    async fn a_notification_changes_at_most_twice_a_second() {
        let (_folder, mut presenter) = presenter();
        let (texts, started) = (DesktopTexts::default(), Instant::now());
        for n in 1..=1000 {
            let now = started + Duration::from_millis(n);
            presenter.show([(key(1), content(&n.to_string(), n))].into(), &texts, now).await;
        }
        let changes = presenter.daemon.0.len();
        assert!((2..=3).contains(&changes), "{changes}");
    }

    #[tokio::test]
    async fn many_new_notifications_are_shown_in_batches() {
        let (_folder, mut presenter) = presenter();
        let texts = DesktopTexts::default();
        let all: BTreeMap<Key, NotificationContent> =
            (0..30).map(|n| (key(n), content("new", 1))).collect();
        let (mut now, mut rounds) = (Instant::now(), 0);
        while let Some(due) = presenter.show(all.clone(), &texts, now).await {
            now = due;
            rounds += 1;
        }
        assert_eq!((presenter.daemon.0.len(), rounds), (30, 3), "each is shown once");
    }
}
