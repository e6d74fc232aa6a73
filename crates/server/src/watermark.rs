//! The newest watermark, for heartbeats: read once for all sockets.

use crate::db::{Db, DbError};
use std::time::{Duration, Instant};

/// The cached watermark.
pub struct Watermark {
    max_age: Duration,
    cached: tokio::sync::Mutex<Option<(Instant, i64)>>,
}

impl Watermark {
    /// Creates the cache; the watermark is read again once it is older than `max_age`.
    pub fn new(max_age: Duration) -> Self {
        Self { max_age, cached: tokio::sync::Mutex::default() }
    }

    /// Returns the newest watermark, or one that was the newest at most `max_age` ago.
    ///
    /// # Errors
    /// Fails if the database does.
    pub async fn newest(&self, db: &Db) -> Result<i64, DbError> {
        let mut cached = self.cached.lock().await;
        if let Some((at, watermark)) = *cached
            && at.elapsed() < self.max_age
        {
            return Ok(watermark);
        }
        let watermark = db.read().await?.watermark().await?;
        *cached = Some((Instant::now(), watermark));
        Ok(watermark)
    }
}
