//! How it goes with an authority, for whoever asks how the server is.

use crate::lock::lock;
use std::sync::Mutex;
use std::time::SystemTime;
use tokio::sync::Notify;

/// Why there is no new certificate although it is time for one.
#[derive(Debug, Clone)]
pub struct Failure {
    /// What went wrong, in a line.
    pub why: String,
    /// When the authority is asked again.
    pub retry_at: SystemTime,
}

/// How it goes with an authority.
#[derive(Default)]
pub struct Progress {
    failure: Mutex<Option<Failure>>,
    hurry: Notify,
}

impl Progress {
    /// Returns what went wrong last, unless it has gone well since.
    pub fn failure(&self) -> Option<Failure> {
        lock(&self.failure).clone()
    }

    /// Notes what went wrong, or that it went well.
    pub fn note(&self, failure: Option<Failure>) {
        *lock(&self.failure) = failure;
    }

    /// Has the authority asked now, if it is time for a new certificate.
    pub fn hurry(&self) {
        self.hurry.notify_one();
    }

    /// Waits until somebody says [`Progress::hurry`].
    pub async fn hurried(&self) {
        self.hurry.notified().await;
    }
}
