//! Keeps the notifications on the desktop equal to the accounts' boards.

use crate::answer::answer;
use crate::daemon::{Chosen, Daemon, Event};
use crate::note::Note;
use crate::words::Words;
use parlour_client::{AccountId, Client, Closed, Notice, Session, SettingKey, Shows};
use parlour_protocol::{ConversationId, MessageId};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::watch;
use tokio::task::block_in_place;
use tokio::time::{Instant, sleep_until};

/// The minimum time between two changes of the same notification.
const EVERY: Duration = Duration::from_millis(500);
/// The time within which changes are combined.
const TOGETHER: Duration = Duration::from_millis(10);
/// Maximum number of notifications that are shown at once; the others follow a moment later.
const AT_ONCE: usize = 8;

/// The subject of a notification: a conversation, or the account as a whole.
type Key = (AccountId, Option<ConversationId>);

/// The place that the user wants to open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    /// The account.
    pub account: AccountId,
    /// The message and its conversation; `None` for the account's window.
    pub message: Option<(ConversationId, MessageId)>,
    /// The desktop's activation token, which allows the window to take the focus.
    pub activation: Option<String>,
}

struct Shown {
    /// `None` if it could not be shown.
    number: Option<u32>,
    note: Note,
    at: Instant,
}

/// Shows the boards of a client's accounts with a daemon.
pub struct Presenter<D> {
    client: Arc<Client>,
    daemon: D,
    shown: BTreeMap<Key, Shown>,
    /// The summaries that the user closed.
    closed: BTreeMap<AccountId, u64>,
}

impl<D: Daemon> Presenter<D> {
    /// Creates a presenter, which shows nothing yet.
    pub fn new(client: Arc<Client>, daemon: D) -> Self {
        Self { client, daemon, shown: BTreeMap::new(), closed: BTreeMap::new() }
    }

    /// Shows the boards once their words are known, and calls `open` when the user wants to open something.
    /// Never returns.
    pub async fn run(
        mut self,
        mut words: watch::Receiver<Words>,
        open: impl Fn(Opened) + Send + Sync,
    ) {
        let mut notices = self.client.notices();
        let mut due = Some(Instant::now());
        loop {
            let at = due;
            let presenting = async move {
                match at {
                    Some(at) => sleep_until(at).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                event = self.daemon.event() => self.take(event, &open).await,
                notice = notices.recv() => match notice {
                    Ok((_, Notice::Board | Notice::Status)) | Err(RecvError::Lagged(_)) => {
                        let soon = Instant::now() + TOGETHER;
                        due = Some(due.map_or(soon, |due| due.min(soon)));
                    }
                    Ok((_, Notice::Changed(_) | Notice::Files | Notice::Presence | Notice::Typing(..))) => {}
                    Err(RecvError::Closed) => return,
                },
                Ok(()) = words.changed() => due = Some(Instant::now()),
                () = presenting => {
                    let now_said = words.borrow_and_update().clone();
                    due = self.present(&now_said).await;
                }
            }
        }
    }

    /// Updates the desktop; returns when to continue, if something was postponed.
    async fn present(&mut self, words: &Words) -> Option<Instant> {
        // The window has not sent the words yet.
        if words.new_message.is_empty() {
            return None;
        }
        let desired = block_in_place(|| self.desired(words));
        self.show(desired, words, Instant::now()).await
    }

    /// Shows the differences to what is shown; returns when to continue, if something was postponed.
    async fn show(
        &mut self,
        desired: BTreeMap<Key, Note>,
        words: &Words,
        now: Instant,
    ) -> Option<Instant> {
        let gone: Vec<Key> =
            self.shown.keys().filter(|key| !desired.contains_key(key)).cloned().collect();
        for key in gone {
            if let Some(Shown { number: Some(number), .. }) = self.shown.remove(&key) {
                self.daemon.close(number).await;
            }
        }
        let (mut later, mut changed) = (None, 0);
        for (key, note) in desired {
            let before = self.shown.get(&key);
            if before.is_some_and(|before| before.note == note) {
                continue;
            }
            let free_at = before.map(|before| before.at + EVERY).filter(|at| *at > now);
            let free_at = free_at.or_else(|| (changed >= AT_ONCE).then(|| now + EVERY));
            if let Some(at) = free_at {
                later = Some(later.map_or(at, |later: Instant| later.min(at)));
                continue;
            }
            let is_new =
                note.version > 0 && before.is_none_or(|before| before.note.version != note.version);
            let replaces = before.and_then(|before| before.number);
            let number = self.daemon.show(&note, words, replaces, is_new).await;
            self.shown.insert(key, Shown { number, note, at: now });
            changed += 1;
        }
        later
    }

    /// Returns all notifications that should be shown.
    fn desired(&self, words: &Words) -> BTreeMap<Key, Note> {
        let mut desired = BTreeMap::new();
        for (id, session) in self.client.sessions() {
            let board = session.board();
            let how = how(&session);
            for (conversation, notification) in &board.notifications {
                let note = Note::of(&id, notification, how, words);
                desired.insert((id.clone(), Some(*conversation)), note);
            }
            if let Some(summary) = board.summary {
                let note = Note::missed(&id, summary, words);
                if self.closed.get(&id) != Some(&note.version) {
                    desired.insert((id, None), note);
                }
            }
        }
        // For an account that was locked meanwhile, only the existence of messages is shown.
        for (id, why) in self.client.closed() {
            let is_locked = matches!(why, Closed::Passphrase);
            if is_locked && self.shown.keys().any(|(account, _)| *account == id) {
                desired.insert((id.clone(), None), Note::locked(&id, words));
            }
        }
        desired
    }

    async fn take(&mut self, event: Event, open: &(impl Fn(Opened) + Sync)) {
        match event {
            Event::Chosen(number, chosen) => {
                self.choose(number, chosen, open);
                // Some daemons leave it open.
                self.daemon.close(number).await;
            }
            Event::Closed(number) => {
                if let Some(key) = self.key_of(number) {
                    self.forget(&key);
                }
            }
            Event::Restarted => {
                for key in self.shown.keys().cloned().collect::<Vec<_>>() {
                    self.forget(&key);
                }
            }
        }
    }

    fn choose(&mut self, number: u32, chosen: Chosen, open: &impl Fn(Opened)) {
        let Some(key) = self.key_of(number) else { return };
        let Some(lead) = self.shown.get(&key).map(|shown| shown.note.lead.clone()) else { return };
        if let Chosen::Open { activation } = chosen {
            let message = lead.map(|lead| (lead.conversation, lead.message));
            open(Opened { account: key.0.clone(), message, activation });
        } else if let Some((lead, session)) = lead.zip(self.client.session_of(&key.0).ok())
            && let Err(error) = block_in_place(|| answer(&session, &lead, &chosen))
        {
            tracing::warn!(%error, "what was chosen in a notification is not done");
            // What fails there can be done in the window.
            let message = Some((lead.conversation, lead.message));
            open(Opened { account: key.0.clone(), message, activation: None });
        }
        self.forget(&key);
    }

    fn key_of(&self, number: u32) -> Option<Key> {
        let mut shown = self.shown.iter();
        shown.find(|(_, shown)| shown.number == Some(number)).map(|(key, _)| key.clone())
    }

    /// Notes that a notification was closed, so that its content is not shown again.
    fn forget(&mut self, key: &Key) {
        let (account, conversation) = key;
        let version = self.shown.get(key).map_or(0, |shown| shown.note.version);
        // It stays in `shown` until it is removed from the board, so that it is not shown again meanwhile.
        if let Some(shown) = self.shown.get_mut(key) {
            shown.number = None;
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

/// Returns how much an account's notifications reveal on this device; as little as possible if that cannot be read.
fn how(session: &Session) -> (Shows, bool) {
    let shows = session.setting(SettingKey::NotificationsShow, None);
    let shows = shows.map_or(Shows::Nothing, |stored| Shows::parse(&stored));
    (shows, session.is_on(SettingKey::NotificationSound).unwrap_or(false))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a daemon was asked to do.
    #[derive(Debug, PartialEq, Eq)]
    enum Asked {
        Show(String, Option<u32>, bool),
        Close(u32),
    }

    /// A daemon that notes what it is asked.
    #[derive(Default)]
    struct Noting(Vec<Asked>, u32);

    impl Daemon for Noting {
        async fn show(
            &mut self,
            note: &Note,
            _: &Words,
            replaces: Option<u32>,
            new: bool,
        ) -> Option<u32> {
            self.0.push(Asked::Show(note.title.clone(), replaces, new));
            self.1 += 1;
            replaces.or(Some(self.1))
        }

        async fn close(&mut self, number: u32) {
            self.0.push(Asked::Close(number));
        }

        async fn event(&mut self) -> Event {
            std::future::pending().await
        }
    }

    fn note(title: &str, version: u64) -> Note {
        let (account, body) = (AccountId::default(), String::new());
        Note { account, title: title.into(), body, lead: None, has_sound: true, version }
    }

    fn key(n: u128) -> Key {
        let id = format!("00000000-0000-0000-0000-{n:012}").parse().unwrap();
        (AccountId::default(), Some(ConversationId(id)))
    }

    fn presenter() -> (tempfile::TempDir, Presenter<Noting>) {
        let folder = tempfile::tempdir().unwrap();
        let client = Arc::new(Client::open(folder.path()).unwrap());
        (folder, Presenter::new(client, Noting::default()))
    }

    #[tokio::test]
    async fn a_change_replaces_what_is_shown_and_what_is_gone_is_closed() {
        let (_folder, mut presenter) = presenter();
        let (words, mut now) = (Words::default(), Instant::now());
        for (title, version) in [("one", 1), ("one", 1), ("two", 2), ("edited", 2)] {
            presenter.show([(key(1), note(title, version))].into(), &words, now).await;
            now += EVERY;
        }
        presenter.show(BTreeMap::new(), &words, now).await;
        let asked = [
            Asked::Show("one".into(), None, true),
            Asked::Show("two".into(), Some(1), true),
            Asked::Show("edited".into(), Some(1), false),
            Asked::Close(1),
        ];
        assert_eq!(presenter.daemon.0, asked);
    }

    #[tokio::test]
    async fn a_thousand_messages_a_second_are_two_changes_a_second() {
        let (_folder, mut presenter) = presenter();
        let (words, began) = (Words::default(), Instant::now());
        for n in 1..=1000 {
            let now = began + Duration::from_millis(n);
            presenter.show([(key(1), note(&n.to_string(), n))].into(), &words, now).await;
        }
        let many = presenter.daemon.0.len();
        assert!((2..=3).contains(&many), "{many}");
    }

    #[tokio::test]
    async fn many_conversations_at_once_follow_each_other() {
        let (_folder, mut presenter) = presenter();
        let words = Words::default();
        let all: BTreeMap<Key, Note> = (0..30).map(|n| (key(n), note("new", 1))).collect();
        let (mut now, mut rounds) = (Instant::now(), 0);
        while let Some(due) = presenter.show(all.clone(), &words, now).await {
            now = due;
            rounds += 1;
        }
        assert_eq!((presenter.daemon.0.len(), rounds), (30, 3), "each is shown once");
    }
}
