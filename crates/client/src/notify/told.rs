//! The queue of news for the notifier, to which everything adds that writes to an account's files.

use parlour_store::{Changes, News};
use std::sync::{Mutex, PoisonError};

/// Maximum number of past news that wait for a summary; a larger number would not mean anything to anybody.
const PAST: usize = 10_000;

/// Something that was received for the first time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// The message or reaction.
    pub news: News,
    /// Whether it happened during an absence.
    pub is_past: bool,
}

/// The news that were not taken yet.
#[derive(Debug, Default)]
pub struct Told(Mutex<Inside>);

#[derive(Debug, Default)]
struct Inside {
    received: Vec<Received>,
    is_elsewhere: bool,
    /// The end of an absence, and whether it is summed up.
    caught_up: Option<bool>,
}

impl Told {
    /// Adds the news in the changes of a write. `is_past` returns for each whether it happened during an
    /// absence.
    pub fn take_from(&self, changes: &mut Changes, is_past: impl Fn(&News) -> bool) {
        if changes.news.is_empty() && !changes.elsewhere {
            return;
        }
        let mut inside = self.lock();
        inside.is_elsewhere |= std::mem::take(&mut changes.elsewhere);
        for news in std::mem::take(&mut changes.news) {
            let is_past = is_past(&news);
            if !is_past || inside.received.len() < PAST {
                inside.received.push(Received { news, is_past });
            }
        }
    }

    /// Notes that an absence ended and everything was received; `tells` is false if this device has just
    /// fetched everything for the first time.
    pub fn caught_up(&self, tells: bool) {
        self.lock().caught_up = Some(tells);
    }

    /// Takes everything: the news, whether another session was active, and whether an absence ended and is
    /// summed up.
    pub fn take(&self) -> (Vec<Received>, bool, Option<bool>) {
        let Inside { received, is_elsewhere, caught_up } = std::mem::take(&mut *self.lock());
        (received, is_elsewhere, caught_up)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Inside> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
