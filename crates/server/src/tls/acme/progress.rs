//! The state of the renewal by ACME, for status reports.

use crate::lock::lock;
use std::sync::Mutex;
use std::time::SystemTime;
use tokio::sync::Notify;

/// The reason why the certificate could not be renewed although it is due.
#[derive(Debug, Clone)]
pub struct Failure {
    /// The error, in one line.
    pub reason: String,
    /// The time of the next attempt.
    pub retry_at: SystemTime,
}

/// The state of the renewal by ACME.
#[derive(Default)]
pub struct Progress {
    failure: Mutex<Option<Failure>>,
    retry_now: Notify,
}

impl Progress {
    /// Returns the latest failure, unless a later attempt succeeded.
    pub fn failure(&self) -> Option<Failure> {
        lock(&self.failure).clone()
    }

    /// Sets the latest failure, or `None` after a success.
    pub fn set_failure(&self, failure: Option<Failure>) {
        *lock(&self.failure) = failure;
    }

    /// Requests the next attempt now, if a new certificate is due.
    pub fn retry_now(&self) {
        self.retry_now.notify_one();
    }

    /// Waits until [`Progress::retry_now`] is called.
    pub async fn retry_requested(&self) {
        self.retry_now.notified().await;
    }
}
