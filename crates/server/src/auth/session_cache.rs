//! A cache of sessions that were valid a moment ago, so that not every request has to query the database.

use crate::caller::{Caller, SessionCheck};
use crate::db::Db;
use crate::error::ApiError;
use crate::lock::lock;
use crate::queries::sessions::{self, Session};
use parlour_protocol::Millis;
use std::collections::HashMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// How long a session counts as valid without another query.
const MAX_AGE: Duration = Duration::from_secs(1);
/// The number of cached sessions at which all are forgotten.
const MAX_ENTRIES: usize = 50_000;

/// The cache. A session that ends on this server is removed at once; one that ends on another server, within a
/// second. Requests of administrators, and changes of passwords and sessions, do not rely on the cache: they check
/// the session in their own transaction.
#[derive(Default)]
pub struct SessionCache(Mutex<CacheState>);

#[derive(Default)]
struct CacheState {
    by_digest: HashMap<String, (Instant, Session)>,
    /// How often the cache was emptied. A session that was read from the database before the last time is
    /// not cached.
    generation: u64,
}

impl SessionCache {
    /// Returns the current state of the cache, to be compared later.
    pub fn current_check(&self) -> SessionCheck {
        SessionCheck { at: Instant::now(), generation: lock(&self.0).generation }
    }

    /// Returns whether a session that was valid at `checked` still counts as valid.
    fn is_fresh(&self, checked: SessionCheck) -> bool {
        checked.at.elapsed() < MAX_AGE && lock(&self.0).generation == checked.generation
    }

    /// Refuses a caller whose session ended while the request was being received: the client may have delayed the
    /// body until then. Does not query the database if the caller was checked less than a second ago and no session
    /// has ended since.
    ///
    /// # Errors
    /// Fails if the session has ended.
    pub async fn require_valid(
        &self,
        caller: &Caller,
        db: &Db,
        now: Millis,
    ) -> Result<(), ApiError> {
        if self.is_fresh(caller.checked) {
            return Ok(());
        }
        caller.require_session(&db.read().await?, now).await.map(drop)
    }

    /// Returns the session whose token has this digest.
    ///
    /// # Errors
    /// Fails if there is no valid one.
    pub async fn find(&self, db: &Db, digest: String, now: Millis) -> Result<Session, ApiError> {
        let generation = {
            let cache = lock(&self.0);
            match cache.by_digest.get(&digest) {
                Some((at, session)) if at.elapsed() < MAX_AGE && session.expires_at > now => {
                    return Ok(session.clone());
                }
                _ => cache.generation,
            }
        };
        let tx = db.read().await?;
        let Some(session) = sessions::find(&tx, &digest, now).await? else {
            let ended = sessions::find_ended(&tx, &digest).await?;
            return Err(ended.map_or_else(ApiError::signed_out, ApiError::revoked));
        };
        drop(tx);
        let mut cache = lock(&self.0);
        if cache.generation == generation {
            if cache.by_digest.len() >= MAX_ENTRIES {
                cache.by_digest.clear();
            }
            cache.by_digest.insert(digest, (Instant::now(), session.clone()));
        }
        Ok(session)
    }

    /// Drops the entries that are too old to be used.
    pub fn sweep(&self) {
        let mut cache = lock(&self.0);
        cache.by_digest.retain(|_, (at, _)| at.elapsed() < MAX_AGE);
        cache.by_digest.shrink_to_fit();
    }

    /// Empties the cache, because a session ended or the rights of its owner changed.
    pub fn invalidate(&self) {
        let mut cache = lock(&self.0);
        cache.by_digest.clear();
        cache.generation += 1;
    }
}
