//! The notifications of a device: the real notifier, and a table of its own that says what it must show.

use super::table::{self, Place};
use crate::bugs::Bug;
use parlour_client::{AccountId, Board, Moment, Notice, Notices, Notifier, Received};
use parlour_protocol::{ConversationId, MessageId};
use parlour_store::{NewReaction, News};
use std::collections::{BTreeMap, BTreeSet};
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::TryRecvError;

/// The time after which something that came must be shown: it is held back for a second if another session is active.
const DUE_MS: i64 = 1500;
/// Number of things that the seeded bug tells again.
const AGAIN: usize = 3;

/// What alerts once: a message, or a reaction to it.
type Key = (MessageId, Option<NewReaction>);

/// Something that came and must be shown soon, unless it is over before.
struct Expected {
    news: News,
    due: i64,
}

/// The notifications of one device.
pub struct Desk {
    notifier: Notifier,
    notices: Receiver<(AccountId, Notice)>,
    /// The conversation on the screen, in a window with the focus.
    pub seen: Option<ConversationId>,
    /// The true time at which the process started.
    began: i64,
    board: Board,
    /// How often each alerted, since the device exists.
    alerted: BTreeMap<Key, u32>,
    expected: Vec<Expected>,
    /// What came in an absence.
    past: Vec<News>,
    last: Vec<Received>,
    /// The first violation.
    pub wrong: Option<String>,
}

/// What a desk is told by a step.
pub type Told = (Vec<Received>, bool, Option<bool>);

impl Desk {
    /// Creates the desk of a device.
    pub fn new(notices: &Notices) -> Self {
        Self {
            notifier: Notifier::default(),
            notices: notices.subscribe(),
            seen: None,
            began: 0,
            board: Board::default(),
            alerted: BTreeMap::new(),
            expected: Vec::new(),
            past: Vec::new(),
            last: Vec::new(),
            wrong: None,
        }
    }

    /// Begins with a new process: nothing is shown, and nothing waits.
    pub fn begin(&mut self, now: i64) {
        self.notifier = Notifier::default();
        self.board = Board::default();
        (self.began, self.seen) = (now, None);
        self.expected.clear();
        self.past.clear();
    }

    /// Returns when it has something to do by itself.
    pub fn wake_at(&self) -> Option<i64> {
        let due = self.expected.iter().map(|expected| expected.due);
        let wakes = self.notifier.wake_at().map(|at| at + self.began);
        due.chain(wakes).min()
    }

    /// Notes that the device connects.
    pub fn connects(&mut self, bug: Option<Bug>, now: i64) {
        if bug == Some(Bug::ToldAgainAfterReconnect) {
            self.notifier.handle(self.last.clone(), now - self.began);
        }
    }

    /// Takes what a step told.
    pub fn hear(&mut self, told: Told, place: &Place<'_>, bug: Option<Bug>) {
        let (mut received, is_elsewhere, caught_up) = told;
        let now = place.now - self.began;
        if is_elsewhere {
            self.notifier.other_session_active(now);
        }
        for one in &mut received {
            match one.is_past {
                true if one.news.reaction.is_none() => self.past.push(one.news.clone()),
                true => {}
                false => {
                    self.expected.push(Expected { news: one.news.clone(), due: place.now + DUE_MS })
                }
            }
            one.is_past &= bug != Some(Bug::CatchingUpAlerts);
        }
        if bug == Some(Bug::AlertLost) {
            received.retain(|one| one.news.changed_seq % 5 != 0);
        }
        self.last.extend(received.iter().filter(|one| !one.is_past).cloned());
        self.last.drain(..self.last.len().saturating_sub(AGAIN));
        self.notifier.handle(received, now);
        if let Some(tells) = caught_up {
            self.catch_up(tells, place);
        }
    }

    fn catch_up(&mut self, tells: bool, place: &Place<'_>) {
        let past = std::mem::take(&mut self.past);
        let moment = self.moment(place);
        let summed = self.notifier.caught_up(place.store, &moment, tells);
        summed.expect("files in memory");
        let missed: Vec<_> =
            past.iter().filter(|news| table::alerts(news, place, self.seen)).collect();
        let summary = self.notifier.board().summary.filter(|summary| summary.at == moment.wall);
        let told = summary.map_or((0, 0), |one| (one.messages.0, one.conversations.0));
        let conversations: BTreeSet<_> = missed.iter().map(|news| news.conversation).collect();
        let many = |n: usize| i64::try_from(n).expect("a few");
        let expected = match tells {
            true => (many(missed.len()), many(conversations.len())),
            false => (0, 0),
        };
        if told != expected {
            self.fail(format!("{told:?} are summed up, and {expected:?} were missed"));
        }
    }

    /// Decides what is due, and checks what is shown.
    pub fn settle(&mut self, place: &Place<'_>, bug: Option<Bug>) {
        let now = place.now - self.began;
        loop {
            match self.notices.try_recv() {
                Ok((_, Notice::Changed(_))) if bug == Some(Bug::ReadElsewhereStays) => {}
                Ok((_, Notice::Changed(changes))) => {
                    self.notifier.changed(changes.conversations, now);
                }
                Ok((
                    _,
                    Notice::Status
                    | Notice::Board
                    | Notice::Files
                    | Notice::Presence
                    | Notice::Typing(..),
                )) => {}
                Err(TryRecvError::Lagged(_)) => self.notifier.all_changed(now),
                Err(TryRecvError::Empty | TryRecvError::Closed) => break,
            }
        }
        // What is over at any moment need not be shown any more.
        self.expected.retain(|expected| table::alerts(&expected.news, place, self.seen));
        let mut moment = self.moment(place);
        if bug == Some(Bug::SeenAlerts) {
            moment.visible = None;
        }
        if self.notifier.update(place.store, &moment).expect("files in memory") {
            self.compare(place);
        }
        self.check_due(place.now);
    }

    /// Notes that the user looks at a conversation, or at none.
    pub fn look_at(&mut self, conversation: Option<ConversationId>, now: i64) {
        self.seen = conversation;
        self.notifier.all_changed(now - self.began);
    }

    /// Checks what is shown at the end, when every device knows everything.
    pub fn check_end(&self, place: &Place<'_>) -> Result<(), String> {
        for notification in self.board.notifications.values() {
            for line in &notification.lines {
                let news = News {
                    conversation: notification.conversation,
                    message: line.message,
                    seq: line.seq,
                    changed_seq: 0,
                    reaction: line.reaction.clone(),
                };
                if !table::is_unread(&news, place) {
                    return Err(format!("{line:?} is still shown"));
                }
            }
        }
        Ok(())
    }

    /// Examines what is shown now and was not before.
    fn compare(&mut self, place: &Place<'_>) {
        let board = self.notifier.board().clone();
        for (id, notification) in &board.notifications {
            let before = self.board.notifications.get(id).map_or(0, |before| before.version);
            let added = usize::try_from(notification.version - before.min(notification.version));
            let lines = notification.lines.iter().rev().take(added.expect("a few"));
            for line in lines.rev() {
                let (message, seq, reaction) = (line.message, line.seq, line.reaction.clone());
                let (conversation, changed_seq) = (*id, 0);
                let news = News { conversation, message, seq, changed_seq, reaction };
                self.note_alert(news, place);
            }
        }
        self.board = board;
    }

    fn note_alert(&mut self, news: News, place: &Place<'_>) {
        let times = self.alerted.entry((news.message, news.reaction.clone())).or_default();
        *times += 1;
        if *times > 1 && news.reaction.is_none() {
            self.fail(format!("{} alerts again", news.message));
        } else if !table::alerts(&news, place, self.seen) {
            self.fail(format!("{news:?} alerts, and the table says no"));
        } else if news.reaction.is_none() && table::sent_at(&news, place) < self.began {
            self.fail(format!("{} alerts, and was sent before the start", news.message));
        }
    }

    fn check_due(&mut self, now: i64) {
        self.expected.retain(|Expected { news, .. }| {
            !self.alerted.contains_key(&(news.message, news.reaction.clone()))
        });
        if let Some(missing) = self.expected.iter().find(|expected| expected.due <= now) {
            self.fail(format!("{:?} does not alert", missing.news));
        }
    }

    fn fail(&mut self, what: String) {
        self.wrong.get_or_insert(what);
    }

    fn moment(&self, place: &Place<'_>) -> Moment {
        Moment::in_utc(place.now - self.began, place.wall, self.seen)
    }
}
