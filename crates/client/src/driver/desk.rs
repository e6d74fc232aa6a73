//! Keeps the account's notifications, after each step and when the desktop or the files changed.

use super::Driver;
use crate::account_id::AccountId;
use crate::notice::Notice;
use crate::notify::Moment;
use jiff::tz::TimeZone;
use std::time::Duration;
use tokio::sync::broadcast::error::RecvError;
use tokio::task::block_in_place;
use tokio::time::Instant;

impl Driver {
    /// Returns when notifications are due.
    pub(super) fn settle_at(&self) -> Option<Instant> {
        let at = u64::try_from(self.notifier.wake_at()?).unwrap_or(0);
        Some(self.began + Duration::from_millis(at))
    }

    /// Takes what the step brought.
    pub(super) fn notify(&mut self) {
        let (received, is_elsewhere, caught_up) = self.context.shared.told.take();
        let now = self.now();
        if is_elsewhere {
            self.notifier.elsewhere(now);
        }
        let is_news = !received.is_empty() || caught_up.is_some();
        self.notifier.handle(received, now);
        if let Some(tells) = caught_up {
            let moment = self.moment();
            let summed =
                block_in_place(|| self.notifier.caught_up(&self.context.store, &moment, tells));
            if let Err(error) = summed {
                tracing::warn!(%error, "what was missed is not summed up");
            }
        }
        if is_news {
            self.settle();
        }
    }

    /// Notes a change of the files, whoever made it.
    pub(super) fn note_changed(&mut self, changed: Result<(AccountId, Notice), RecvError>) {
        let now = self.now();
        match changed {
            Ok((account, Notice::Changed(changes)))
                if account == self.context.notices.account() =>
            {
                if changes.choices {
                    self.saying.choices_changed();
                }
                if !changes.conversations.is_empty() {
                    self.context.fetches.look();
                }
                self.notifier.changed(changes.conversations, now);
            }
            Ok((
                _,
                Notice::Changed(_)
                | Notice::Status
                | Notice::Board
                | Notice::Presence
                | Notice::Files
                | Notice::Typing(..),
            )) => {}
            Err(RecvError::Lagged(_)) => {
                self.saying.choices_changed();
                self.context.fetches.look();
                self.notifier.all_changed(now);
            }
            // This driver holds a sender itself.
            Err(RecvError::Closed) => {}
        }
        self.say_presence();
        // An answer to an op may have brought a reaction.
        self.notify();
    }

    /// Notes that the user looks elsewhere, or closed a notification.
    pub(super) fn note_desk(&mut self) {
        let dismissed = self.context.shared.take_dismissed();
        dismissed.into_iter().for_each(|(id, version)| self.notifier.dismiss(id, version));
        let now = self.now();
        self.notifier.all_changed(now);
        self.settle();
        if self.context.shared.take_choice() {
            self.saying.choices_changed();
        }
        self.say_presence();
    }

    /// Decides what is due, and announces the board if it changed. If the files cannot be read, it is tried again
    /// when something else happens.
    pub(super) fn settle(&mut self) {
        let moment = self.moment();
        match block_in_place(|| self.notifier.settle(&self.context.store, &moment)) {
            Ok(false) => {}
            Ok(true) => {
                self.context.shared.set_board(self.notifier.board().clone());
                self.context.notices.send(Notice::Board);
            }
            Err(error) => {
                tracing::warn!(%error, "notifications are not decided");
                self.notifier.wait(self.now());
            }
        }
    }

    fn moment(&self) -> Moment {
        let (now, wall) = (self.now(), self.context.clock.now());
        Moment { now, wall, here: TimeZone::system(), seen: self.context.shared.seen() }
    }
}
