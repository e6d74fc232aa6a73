//! The notifications of a device: the real notifier, compared with a model of what it must show.

use super::model::{self, DeviceView};
use crate::bugs::Bug;
use parlour_client::{
    AccountId, DesktopNotifications, DeviceState, Notice, Notices, Notifier, ReceivedItem,
};
use parlour_protocol::{ConversationId, MessageId};
use parlour_store::{NewItem, NewReaction};
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
    item: NewItem,
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
    notifications: DesktopNotifications,
    /// Number of alerts for each, since the device exists.
    alerted: BTreeMap<Key, u32>,
    expected: Vec<Expected>,
    /// The backlog that was received in a catch-up.
    backlog: Vec<NewItem>,
    last: Vec<ReceivedItem>,
    /// The first violation.
    pub violation: Option<String>,
}

/// The new messages that a step reports, whether another session is active, and whether it caught up.
pub type StepReport = (Vec<ReceivedItem>, bool, Option<bool>);

impl DeviceNotifications {
    /// Creates the notifications of a device.
    pub fn new(notices: &Notices) -> Self {
        Self {
            notifier: Notifier::default(),
            notices: notices.subscribe(),
            visible: None,
            started_at: 0,
            notifications: DesktopNotifications::default(),
            alerted: BTreeMap::new(),
            expected: Vec::new(),
            backlog: Vec::new(),
            last: Vec::new(),
            violation: None,
        }
    }

    /// Starts a new process: nothing is shown, and nothing waits.
    pub fn start_process(&mut self, now: i64) {
        self.notifier = Notifier::default();
        self.notifications = DesktopNotifications::default();
        (self.started_at, self.visible) = (now, None);
        self.expected.clear();
        self.backlog.clear();
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
        let (mut received, other_session_active, caught_up) = report;
        let now = view.now - self.started_at;
        if other_session_active {
            self.notifier.other_session_active(now);
        }
        for ReceivedItem { item, is_backlog } in &mut received {
            match *is_backlog {
                true if item.reaction.is_none() => self.backlog.push(item.clone()),
                true => {}
                false => {
                    self.expected.push(Expected { item: item.clone(), due: view.now + DUE_MS })
                }
            }
            *is_backlog &= bug != Some(Bug::CatchingUpAlerts);
        }
        if bug == Some(Bug::AlertLost) {
            received.retain(|received| received.item.changed_seq % 5 != 0);
        }
        self.last.extend(received.iter().filter(|received| !received.is_backlog).cloned());
        self.last.drain(..self.last.len().saturating_sub(REPEATED));
        self.notifier.handle(received, now);
        if let Some(summarizes) = caught_up {
            self.catch_up(summarizes, view);
        }
    }

    fn catch_up(&mut self, summarizes: bool, view: &DeviceView<'_>) {
        let backlog = std::mem::take(&mut self.backlog);
        let device_state = self.device_state(view);
        let result = self.notifier.caught_up(view.store, &device_state, summarizes);
        result.expect("files in memory");
        let missed: Vec<_> =
            backlog.iter().filter(|item| model::must_alert(item, view, self.visible)).collect();
        let summary =
            self.notifier.notifications().summary.filter(|summary| summary.at == device_state.wall);
        let report =
            summary.map_or((0, 0), |summary| (summary.messages.0, summary.conversations.0));
        let conversations: BTreeSet<_> = missed.iter().map(|item| item.conversation).collect();
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
                    | Notice::DesktopNotifications
                    | Notice::Files
                    | Notice::Presence
                    | Notice::Typing(..),
                )) => {}
                Err(TryRecvError::Lagged(_)) => self.notifier.all_changed(now),
                Err(TryRecvError::Empty | TryRecvError::Closed) => break,
            }
        }
        // Obsolete messages need not be shown any more.
        self.expected.retain(|expected| model::must_alert(&expected.item, view, self.visible));
        let mut device_state = self.device_state(view);
        if bug == Some(Bug::VisibleConversationAlerts) {
            device_state.visible = None;
        }
        if self.notifier.update(view.store, &device_state).expect("files in memory") {
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
        for notification in self.notifications.by_conversation.values() {
            for line in &notification.lines {
                let item = NewItem {
                    conversation: notification.conversation,
                    message: line.message,
                    seq: line.seq,
                    changed_seq: 0,
                    reaction: line.reaction.clone(),
                };
                if !model::is_unread(&item, view) {
                    return Err(format!("{line:?} is still shown"));
                }
            }
        }
        Ok(())
    }

    /// Checks each notification line that is new.
    fn compare(&mut self, view: &DeviceView<'_>) {
        let notifications = self.notifier.notifications().clone();
        for (id, notification) in &notifications.by_conversation {
            let before =
                self.notifications.by_conversation.get(id).map_or(0, |before| before.version);
            let added = usize::try_from(notification.version - before.min(notification.version));
            let lines = notification.lines.iter().rev().take(added.expect("a few"));
            for line in lines.rev() {
                let (message, seq, reaction) = (line.message, line.seq, line.reaction.clone());
                let (conversation, changed_seq) = (*id, 0);
                let item = NewItem { conversation, message, seq, changed_seq, reaction };
                self.record_alert(item, view);
            }
        }
        self.notifications = notifications;
    }

    fn record_alert(&mut self, item: NewItem, view: &DeviceView<'_>) {
        let times = self.alerted.entry((item.message, item.reaction.clone())).or_default();
        *times += 1;
        if *times > 1 && item.reaction.is_none() {
            self.fail(format!("{} alerts again", item.message));
        } else if !model::must_alert(&item, view, self.visible) {
            self.fail(format!("{item:?} alerts, but not according to the model"));
        } else if item.reaction.is_none() && model::sent_at(&item, view) < self.started_at {
            self.fail(format!("{} alerts, and was sent before the start", item.message));
        }
    }

    fn check_due(&mut self, now: i64) {
        self.expected.retain(|Expected { item, .. }| {
            !self.alerted.contains_key(&(item.message, item.reaction.clone()))
        });
        if let Some(missing) = self.expected.iter().find(|expected| expected.due <= now) {
            self.fail(format!("{:?} does not alert", missing.item));
        }
    }

    fn fail(&mut self, what: String) {
        self.violation.get_or_insert(what);
    }

    fn device_state(&self, view: &DeviceView<'_>) -> DeviceState {
        DeviceState::in_utc(view.now - self.started_at, view.wall, self.visible)
    }
}
