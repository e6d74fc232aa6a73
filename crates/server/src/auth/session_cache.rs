//! Sessions that were good a moment ago, so that not every request has to ask the database.

use crate::caller::{Caller, Checked};
use crate::db::Db;
use crate::error::ApiError;
use crate::lock::lock;
use crate::queries::sessions::{self, Session};
use parlour_protocol::Millis;
use std::collections::HashMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// How long a session is taken to be good without asking.
const FRESH: Duration = Duration::from_secs(1);
/// Sessions kept before all are forgotten.
const MOST: usize = 50_000;

/// The cache. A session that is ended here is forgotten at once; one that is ended on another server, within
/// a second. What administrators do, and what is done to passwords and sessions, asks the database in its
/// transaction.
#[derive(Default)]
pub struct SessionCache(Mutex<Cached>);

#[derive(Default)]
struct Cached {
    by_digest: HashMap<String, (Instant, Session)>,
    /// Counts how often it was emptied: what the database answered before is not kept.
    generation: u64,
}

impl SessionCache {
    /// This moment, to be compared later.
    pub fn now(&self) -> Checked {
        Checked { at: Instant::now(), generation: lock(&self.0).generation }
    }

    /// Whether what was good then is still taken to be.
    fn is_fresh(&self, checked: Checked) -> bool {
        checked.at.elapsed() < FRESH && lock(&self.0).generation == checked.generation
    }

    /// Refuses a caller whose session ended while the request was on its way: its body may have been held
    /// back until then. Costs nothing where none ended meanwhile.
    ///
    /// # Errors
    /// The session has ended.
    pub async fn require_still(
        &self,
        caller: &Caller,
        db: &Db,
        now: Millis,
    ) -> Result<(), ApiError> {
        if self.is_fresh(caller.checked) {
            return Ok(());
        }
        caller.require(&db.read().await?, now).await.map(drop)
    }

    /// The session whose token has this digest.
    ///
    /// # Errors
    /// There is none that is good.
    pub async fn find(&self, db: &Db, digest: String, now: Millis) -> Result<Session, ApiError> {
        let generation = {
            let cached = lock(&self.0);
            match cached.by_digest.get(&digest) {
                Some((at, session)) if at.elapsed() < FRESH && session.expires_at > now => {
                    return Ok(session.clone());
                }
                _ => cached.generation,
            }
        };
        let tx = db.read().await?;
        let Some(session) = sessions::find(&tx, &digest, now).await? else {
            let ended = sessions::ended(&tx, &digest).await?;
            return Err(ended.map_or_else(ApiError::signed_out, ApiError::revoked));
        };
        drop(tx);
        let mut cached = lock(&self.0);
        if cached.generation == generation {
            if cached.by_digest.len() >= MOST {
                cached.by_digest.clear();
            }
            cached.by_digest.insert(digest, (Instant::now(), session.clone()));
        }
        Ok(session)
    }

    /// Drops what is too old to be taken as good.
    pub fn sweep(&self) {
        let mut cached = lock(&self.0);
        cached.by_digest.retain(|_, (at, _)| at.elapsed() < FRESH);
        cached.by_digest.shrink_to_fit();
    }

    /// Empties it, because a session ended or its owner may do something else now.
    pub fn invalidate(&self) {
        let mut cached = lock(&self.0);
        cached.by_digest.clear();
        cached.generation += 1;
    }
}
