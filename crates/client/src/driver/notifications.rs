//! Updates the account's notifications, after each step and when the desktop or the files changed.

use super::Driver;
use crate::account_id::AccountId;
use crate::notice::Notice;
use crate::notify::DeviceState;
use jiff::tz::TimeZone;
use std::time::Duration;
use tokio::sync::broadcast::error::RecvError;
use tokio::task::block_in_place;
use tokio::time::Instant;

impl Driver {
    /// Returns the time at which the notifications must be updated next.
    pub(super) fn notifications_due_at(&self) -> Option<Instant> {
        let elapsed = u64::try_from(self.notifier.wake_at()?).unwrap_or(0);
        Some(self.started_at + Duration::from_millis(elapsed))
    }

    /// Passes what the step received to the notifier.
    pub(super) fn notify(&mut self) {
        let (received, other_session_active, caught_up) = self.context.shared.received.take();
        let now = self.now();
        if other_session_active {
            self.notifier.other_session_active(now);
        }
        let has_items = !received.is_empty() || caught_up.is_some();
        self.notifier.handle(received, now);
        if let Some(is_shown) = caught_up {
            let device_state = self.device_state();
            let result = block_in_place(|| {
                self.notifier.caught_up(&self.context.store, &device_state, is_shown)
            });
            if let Err(error) = result {
                tracing::warn!(%error, "the missed messages cannot be summed up");
            }
        }
        if has_items {
            self.update_notifications();
        }
    }

    /// Handles a notice about the account.
    pub(super) fn handle_notice(&mut self, changed: Result<(AccountId, Notice), RecvError>) {
        let now = self.now();
        match changed {
            Ok((account, Notice::Changed(changes)))
                if account == self.context.notices.account() =>
            {
                if changes.choices {
                    self.own_presence.settings_changed();
                }
                if !changes.conversations.is_empty() {
                    self.context.fetches.notify_background();
                }
                self.notifier.changed(changes.conversations, now);
            }
            Ok((
                _,
                Notice::Changed(_)
                | Notice::Status
                | Notice::DesktopNotifications
                | Notice::Presence
                | Notice::Files
                | Notice::Typing(..),
            )) => {}
            Err(RecvError::Lagged(_)) => {
                self.own_presence.settings_changed();
                self.context.fetches.notify_background();
                self.notifier.all_changed(now);
            }
            // This driver holds a sender itself.
            Err(RecvError::Closed) => {}
        }
        self.send_presence();
        // The response to an op may contain a reaction.
        self.notify();
    }

    /// Handles a change of the desktop state: another visible conversation, or a closed notification.
    pub(super) fn handle_desktop_change(&mut self) {
        let dismissed = self.context.shared.take_dismissed();
        dismissed.into_iter().for_each(|(id, version)| self.notifier.dismiss(id, version));
        let now = self.now();
        self.notifier.all_changed(now);
        self.update_notifications();
        if self.context.shared.take_setting_changed() {
            self.own_presence.settings_changed();
        }
        self.send_presence();
    }

    /// Updates the notifications, and announces them if they changed. If the files cannot be read, this is
    /// retried later.
    pub(super) fn update_notifications(&mut self) {
        let device_state = self.device_state();
        match block_in_place(|| self.notifier.update(&self.context.store, &device_state)) {
            Ok(false) => {}
            Ok(true) => {
                self.context
                    .shared
                    .set_desktop_notifications(self.notifier.notifications().clone());
                self.context.notices.send(Notice::DesktopNotifications);
            }
            Err(error) => {
                tracing::warn!(%error, "the notifications cannot be updated");
                self.notifier.postpone(self.now());
            }
        }
    }

    fn device_state(&self) -> DeviceState {
        let (now, wall) = (self.now(), self.context.clock.now());
        DeviceState { now, wall, zone: TimeZone::system(), visible: self.context.shared.visible() }
    }
}
