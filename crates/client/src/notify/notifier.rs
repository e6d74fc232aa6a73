//! Applies the rule to what is received, and keeps the notifications correct while messages are edited,
//! deleted and read.

mod entries;
mod missed;
pub(super) mod rule;

use super::desktop_notifications::DesktopNotifications;
use super::level::Level;
use super::received::ReceivedItem;
use crate::error::Result;
use missed::Missed;
use parlour_protocol::ConversationId;
use parlour_store::{NewItem, Store};
use parlour_sync::Now;
use rule::{Decision, NotificationContext, Rule};
use std::collections::{BTreeSet, VecDeque};

pub use rule::DeviceState;

/// The time for which an alert is delayed while another session of the user is active, so that messages that are read
/// there at once do not alert here.
const HOLD_MS: i64 = 1000;
/// The time for which another session counts as active after its last activity.
const ACTIVE_MS: i64 = 60_000;
/// The delay before changed messages are read again.
const REFRESH_MS: i64 = 100;
/// The maximum time for which a message waits until its conversation is received.
const UNKNOWN_MS: i64 = 60_000;

/// Something whose notification has not been decided yet.
#[derive(Debug, Clone)]
struct Pending {
    item: NewItem,
    received_at: Now,
    due: Now,
}

/// Maintains the notifications of one account.
#[derive(Debug, Default)]
pub struct Notifier {
    pending: VecDeque<Pending>,
    /// Conversations whose notifications may be out of date.
    stale: BTreeSet<ConversationId>,
    refresh_at: Option<Now>,
    other_session_active_at: Option<Now>,
    missed: Missed,
    notifications: DesktopNotifications,
    /// Whether the notifications have changed since the last call of `update`.
    is_changed: bool,
}

impl Notifier {
    /// Returns the notifications that should be shown.
    pub fn notifications(&self) -> &DesktopNotifications {
        &self.notifications
    }

    /// Adds what was received.
    pub fn handle(&mut self, received: Vec<ReceivedItem>, now: Now) {
        for ReceivedItem { item, is_backlog } in received {
            if is_backlog {
                self.missed.add(item);
                continue;
            }
            let is_active = self.other_session_active_at.is_some_and(|at| now - at < ACTIVE_MS);
            let due = if is_active { now + HOLD_MS } else { now };
            self.pending.push_back(Pending { item, received_at: now, due });
        }
    }

    /// Records an activity of another session of the user.
    pub fn other_session_active(&mut self, now: Now) {
        self.other_session_active_at = Some(now);
    }

    /// Handles changes of conversations.
    pub fn changed(&mut self, conversations: impl IntoIterator<Item = ConversationId>, now: Now) {
        let is_shown = |id: &ConversationId| self.notifications.by_conversation.contains_key(id);
        self.stale.extend(conversations.into_iter().filter(is_shown));
        self.schedule_refresh(now);
    }

    /// Handles changes that are not known in detail.
    pub fn all_changed(&mut self, now: Now) {
        self.stale.extend(self.notifications.by_conversation.keys().copied());
        self.schedule_refresh(now);
    }

    fn schedule_refresh(&mut self, now: Now) {
        if self.refresh_at.is_none() && !self.stale.is_empty() {
            self.refresh_at = Some(now + REFRESH_MS);
        }
    }

    /// Removes the lines of a notification up to the version that the user closed.
    pub fn dismiss(&mut self, id: ConversationId, version: u64) {
        let Some(notification) = self.notifications.by_conversation.get_mut(&id) else { return };
        notification.drop_until(version);
        if notification.lines.is_empty() {
            self.notifications.by_conversation.remove(&id);
        }
        self.is_changed = true;
    }

    /// Postpones everything that is due, because the files cannot be read.
    pub fn postpone(&mut self, now: Now) {
        let later = now + HOLD_MS;
        self.pending.iter_mut().for_each(|pending| pending.due = pending.due.max(later));
        self.refresh_at = self.refresh_at.map(|at| at.max(later));
    }

    /// Returns the time of the next call of [`Notifier::update`] that is needed even if nothing else happens.
    pub fn wake_at(&self) -> Option<Now> {
        let pending = self.pending.iter().map(|pending| pending.due).min();
        pending.into_iter().chain(self.refresh_at).min()
    }

    /// Makes the decisions that are due, and updates the notifications. Returns whether the notifications
    /// changed since the last call.
    ///
    /// # Errors
    /// Fails if a file cannot be read; the decisions are then still due.
    pub fn update(&mut self, store: &Store, device_state: &DeviceState) -> Result<bool> {
        if self.pending.iter().any(|pending| pending.due <= device_state.now) {
            self.decide_due(store, device_state)?;
        }
        if self.refresh_at.is_some_and(|at| at <= device_state.now) {
            while let Some(id) = self.stale.first().copied() {
                self.is_changed |=
                    entries::refresh(&mut self.notifications, store, id, device_state.visible)?;
                self.stale.remove(&id);
            }
            self.refresh_at = None;
        }
        Ok(std::mem::take(&mut self.is_changed))
    }

    /// Adds the summary of the backlog at the end of a catch-up; `is_shown` says whether it is shown.
    ///
    /// # Errors
    /// Fails if a file cannot be read.
    pub fn caught_up(
        &mut self,
        store: &Store,
        device_state: &DeviceState,
        is_shown: bool,
    ) -> Result<()> {
        let missed = std::mem::take(&mut self.missed);
        if missed.is_empty() || !is_shown {
            return Ok(());
        }
        let mut rule = Rule::new(store, device_state)?;
        if let Some(summary) = missed.sum_up(&mut rule)? {
            self.notifications.summary = Some(summary);
            self.is_changed = true;
        }
        Ok(())
    }

    fn decide_due(&mut self, store: &Store, device_state: &DeviceState) -> Result<()> {
        let mut rule = Rule::new(store, device_state)?;
        let mut result = Ok(());
        for pending in std::mem::take(&mut self.pending) {
            if pending.due > device_state.now || result.is_err() {
                self.pending.push_back(pending);
                continue;
            }
            let decided = self.decide_one(&mut rule, &pending);
            if !matches!(decided, Ok(true)) {
                // It waits until its conversation is received, or the files can be read.
                self.pending.push_back(Pending { due: device_state.now + HOLD_MS, ..pending });
            }
            result = decided.map(drop);
        }
        result
    }

    /// Decides about one item; returns false if it has to wait for its conversation.
    fn decide_one(&mut self, rule: &mut Rule<'_>, pending: &Pending) -> Result<bool> {
        match rule.level(&pending.item, false)? {
            Decision::Unknown => {
                return Ok(rule.device_state.now - pending.received_at >= UNKNOWN_MS);
            }
            Decision::Level(Level::Alert, context) => {
                let NotificationContext { state, details } = &*context;
                entries::add(&mut self.notifications, rule.store, &pending.item, state, details)?;
                self.is_changed = true;
            }
            Decision::Level(Level::Off | Level::Silent, ..) | Decision::Obsolete => {}
        }
        Ok(true)
    }
}
