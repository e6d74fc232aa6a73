//! The notifications of a device: the real notifier, compared with a model of what it must show.

use super::model::{self, DeviceView};
use crate::bugs::Bug;
use parlour_client::{AccountId, Board, Moment, Notice, Notices, Notifier, Received};
use parlour_protocol::{ConversationId, MessageId};
use parlour_store::{NewReaction, News};
use std::collections::{BTreeMap, BTreeSet};
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::TryRecvError;

/// The time after which a received message must be shown: it is delayed by a second if another session is
/// active.
const DUE_MS: i64 = 1500;
/// Number of messages that the seeded bug repeats.
const REPEATED: usize = 3;

/// A message, or a reaction to it, which alerts once.
type Key = (MessageId, Option<NewReaction>);

/// A received message or reaction that must be shown soon, unless it is obsolete by then.
struct Expected {
    news: News,
    due: i64,
}

/// The notifications of one device.
pub struct DeviceNotifications {
    notifier: Notifier,
    notices: Receiver<(AccountId, Notice)>,
    /// The visible conversation, in a window with the focus.
    pub visible: Option<ConversationId>,
    /// The true time at which the process started.
    started_at: i64,
    board: Board,
    /// Number of alerts for each, since the device exists.
    alerted: BTreeMap<Key, u32>,
    expected: Vec<Expected>,
    /// The messages received during an absence.
    past: Vec<News>,
    last: Vec<Received>,
    /// The first violation.
    pub violation: Option<String>,
}

/// The new messages that a step reports, whether another session is active, and whether it caught up.
pub type StepReport = (Vec<Received>, bool, Option<bool>);

impl DeviceNotifications {
    /// Creates the notifications of a device.
    pub fn new(notices: &Notices) -> Self {
        Self {
            notifier: Notifier::default(),
            notices: notices.subscribe(),
            visible: None,
            started_at: 0,
            board: Board::default(),
            alerted: BTreeMap::new(),
            expected: Vec::new(),
            past: Vec::new(),
            last: Vec::new(),
            violation: None,
        }
    }

    /// Starts a new process: nothing is shown, and nothing waits.
    pub fn start_process(&mut self, now: i64) {
        self.notifier = Notifier::default();
        self.board = Board::default();
        (self.started_at, self.visible) = (now, None);
        self.expected.clear();
        self.past.clear();
    }

    /// Returns when it must be updated next.
    pub fn wake_at(&self) -> Option<i64> {
        let due = self.expected.iter().map(|expected| expected.due);
        let wakes = self.notifier.wake_at().map(|at| at + self.started_at);
        due.chain(wakes).min()
    }

    /// Handles that the device connects.
    pub fn connect(&mut self, bug: Option<Bug>, now: i64) {
        if bug == Some(Bug::RepeatedAfterReconnect) {
            self.notifier.handle(self.last.clone(), now - self.started_at);
        }
    }

    /// Handles the messages that a step reports.
    pub fn take_report(&mut self, report: StepReport, view: &DeviceView<'_>, bug: Option<Bug>) {
        let (mut received, is_elsewhere, caught_up) = report;
        let now = view.now - self.started_at;
        if is_elsewhere {
            self.notifier.other_session_active(now);
        }
        for item in &mut received {
            match item.is_past {
                true if item.news.reaction.is_none() => self.past.push(item.news.clone()),
                true => {}
                false => {
                    self.expected.push(Expected { news: item.news.clone(), due: view.now + DUE_MS })
                }
            }
            item.is_past &= bug != Some(Bug::CatchingUpAlerts);
        }
        if bug == Some(Bug::AlertLost) {
            received.retain(|item| item.news.changed_seq % 5 != 0);
        }
        self.last.extend(received.iter().filter(|item| !item.is_past).cloned());
        self.last.drain(..self.last.len().saturating_sub(REPEATED));
        self.notifier.handle(received, now);
        if let Some(summarizes) = caught_up {
            self.catch_up(summarizes, view);
        }
    }

    fn catch_up(&mut self, summarizes: bool, view: &DeviceView<'_>) {
        let past = std::mem::take(&mut self.past);
        let moment = self.moment(view);
        let result = self.notifier.caught_up(view.store, &moment, summarizes);
        result.expect("files in memory");
        let missed: Vec<_> =
            past.iter().filter(|news| model::must_alert(news, view, self.visible)).collect();
        let summary = self.notifier.board().summary.filter(|summary| summary.at == moment.wall);
        let report = summary.map_or((0, 0), |item| (item.messages.0, item.conversations.0));
        let conversations: BTreeSet<_> = missed.iter().map(|news| news.conversation).collect();
        let count = |n: usize| i64::try_from(n).expect("a few");
        let expected = match summarizes {
            true => (count(missed.len()), count(conversations.len())),
            false => (0, 0),
        };
        if report != expected {
            self.fail(format!("{report:?} are summarized, and {expected:?} were missed"));
        }
    }

    /// Updates the notifications, and checks what is shown.
    pub fn update(&mut self, view: &DeviceView<'_>, bug: Option<Bug>) {
        let now = view.now - self.started_at;
        loop {
            match self.notices.try_recv() {
                Ok((_, Notice::Changed(_))) if bug == Some(Bug::ReadElsewhereStillShown) => {}
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
        // Obsolete messages need not be shown any more.
        self.expected.retain(|expected| model::must_alert(&expected.news, view, self.visible));
        let mut moment = self.moment(view);
        if bug == Some(Bug::VisibleConversationAlerts) {
            moment.visible = None;
        }
        if self.notifier.update(view.store, &moment).expect("files in memory") {
            self.compare(view);
        }
        self.check_due(view.now);
    }

    /// Sets the conversation that the user looks at, if any.
    pub fn set_visible_conversation(&mut self, conversation: Option<ConversationId>, now: i64) {
        self.visible = conversation;
        self.notifier.all_changed(now - self.started_at);
    }

    /// Checks the notifications at the end, when every device is up to date.
    pub fn check_end(&self, view: &DeviceView<'_>) -> Result<(), String> {
        for notification in self.board.notifications.values() {
            for line in &notification.lines {
                let news = News {
                    conversation: notification.conversation,
                    message: line.message,
                    seq: line.seq,
                    changed_seq: 0,
                    reaction: line.reaction.clone(),
                };
                if !model::is_unread(&news, view) {
                    return Err(format!("{line:?} is still shown"));
                }
            }
        }
        Ok(())
    }

    /// Checks each notification line that is new.
    fn compare(&mut self, view: &DeviceView<'_>) {
        let board = self.notifier.board().clone();
        for (id, notification) in &board.notifications {
            let before = self.board.notifications.get(id).map_or(0, |before| before.version);
            let added = usize::try_from(notification.version - before.min(notification.version));
            let lines = notification.lines.iter().rev().take(added.expect("a few"));
            for line in lines.rev() {
                let (message, seq, reaction) = (line.message, line.seq, line.reaction.clone());
                let (conversation, changed_seq) = (*id, 0);
                let news = News { conversation, message, seq, changed_seq, reaction };
                self.note_alert(news, view);
            }
        }
        self.board = board;
    }

    fn note_alert(&mut self, news: News, view: &DeviceView<'_>) {
        let times = self.alerted.entry((news.message, news.reaction.clone())).or_default();
        *times += 1;
        if *times > 1 && news.reaction.is_none() {
            self.fail(format!("{} alerts again", news.message));
        } else if !model::must_alert(&news, view, self.visible) {
            self.fail(format!("{news:?} alerts, but not according to the model"));
        } else if news.reaction.is_none() && model::sent_at(&news, view) < self.started_at {
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
        self.violation.get_or_insert(what);
    }

    fn moment(&self, view: &DeviceView<'_>) -> Moment {
        Moment::in_utc(view.now - self.started_at, view.wall, self.visible)
    }
}
