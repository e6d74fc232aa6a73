//! The newest watermark, for heartbeats: read once for all sockets.

use crate::db::{Db, DbError};
use std::time::{Duration, Instant};

/// The cached watermark.
pub struct Watermark {
    good_for: Duration,
    read: tokio::sync::Mutex<Option<(Instant, i64)>>,
}

impl Watermark {
    /// Creates the cache; the watermark is read again once it is older than `good_for`.
    pub fn new(good_for: Duration) -> Self {
        Self { good_for, read: tokio::sync::Mutex::default() }
    }

    /// Returns the newest watermark, or one that was the newest at most `good_for` ago.
    ///
    /// # Errors
    /// Fails if the database does.
    pub async fn newest(&self, db: &Db) -> Result<i64, DbError> {
        let mut read = self.read.lock().await;
        if let Some((at, watermark)) = *read
            && at.elapsed() < self.good_for
        {
            return Ok(watermark);
        }
        let watermark = db.read().await?.watermark().await?;
        *read = Some((Instant::now(), watermark));
        Ok(watermark)
    }
}
