//! Events that were not part of any transaction, to be written as soon as possible.

use super::chain::record;
use super::event::Event;
use crate::db::Db;
use crate::error::ApiError;
use crate::lock::lock;
use parlour_protocol::Millis;
use std::sync::Mutex;
use tokio::sync::Notify;

/// The events that are not written yet.
#[derive(Default)]
pub struct Pending {
    events: Mutex<Vec<Event>>,
    added: Notify,
}

impl Pending {
    /// Adds an event.
    pub fn add(&self, event: Event) {
        lock(&self.events).push(event);
        self.added.notify_one();
    }

    /// Returns once an event was added.
    pub async fn added(&self) {
        self.added.notified().await;
    }

    /// Writes the events to the audit log.
    ///
    /// # Errors
    /// Fails if the database does; the events are then part of the next write.
    pub async fn write(&self, db: &Db, now: Millis) -> Result<(), ApiError> {
        let events = std::mem::take(&mut *lock(&self.events));
        if events.is_empty() {
            return Ok(());
        }
        let all = events.clone();
        let written = db.write(move |tx| {
            Box::pin(async move {
                for event in all {
                    record(tx, event, now).await?;
                }
                Ok(())
            })
        });
        let written = written.await;
        if written.is_err() {
            lock(&self.events).splice(..0, events);
        }
        written
    }
}
