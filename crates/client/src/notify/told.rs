//! What the sync tells the notifier: a queue that is shared by everything that writes to an account's files.

use parlour_store::{Changes, News};
use std::sync::{Mutex, PoisonError};

/// Maximum number of past news that wait to be summed up. Of more than that, nobody wants to know the number.
const PAST: usize = 10_000;

/// Something that came for the first time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// What came.
    pub news: News,
    /// Whether it happened while one was absent.
    pub is_past: bool,
}

/// What was received and nobody has taken yet.
#[derive(Debug, Default)]
pub struct Told(Mutex<Inside>);

#[derive(Debug, Default)]
struct Inside {
    received: Vec<Received>,
    is_elsewhere: bool,
    /// Whether an absence is over, and whether that is told.
    caught_up: Option<bool>,
}

impl Told {
    /// Takes the news out of the changes of a write. `is_past` tells of each whether it happened in an absence.
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

    /// Notes that an absence is over, and everything of it was received; `tells` is false if this device has just
    /// fetched everything for the first time.
    pub fn caught_up(&self, tells: bool) {
        self.lock().caught_up = Some(tells);
    }

    /// Takes everything: what was received, whether another session did something, and whether an absence is over
    /// and to be told.
    pub fn take(&self) -> (Vec<Received>, bool, Option<bool>) {
        let Inside { received, is_elsewhere, caught_up } = std::mem::take(&mut *self.lock());
        (received, is_elsewhere, caught_up)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Inside> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
