//! When sessions are used: noted once a minute each, and not with every request.

use crate::lock::lock;
use parlour_protocol::{Millis, SessionId};
use std::collections::HashMap;
use std::sync::Mutex;

/// A session's use and its owner's `last_seen` are written at most this often.
const EVERY_MS: i64 = 60_000;
/// Sessions remembered before all are forgotten, which costs each of them one write.
const MOST: usize = 100_000;

/// When each session's use was last noted.
#[derive(Default)]
pub struct LastSeen(Mutex<HashMap<SessionId, Millis>>);

impl LastSeen {
    /// Whether a session's use is to be noted now, which then counts as done.
    pub fn is_due(&self, session: SessionId, now: Millis) -> bool {
        let mut noted = lock(&self.0);
        let due = noted.get(&session).is_none_or(|at| now.0 - at.0 >= EVERY_MS || now < *at);
        if due {
            if noted.len() >= MOST {
                noted.clear();
            }
            noted.insert(session, now);
        }
        due
    }

    /// Forgets the sessions that are due in any case.
    pub fn sweep(&self, now: Millis) {
        let mut noted = lock(&self.0);
        noted.retain(|_, at| (0..EVERY_MS).contains(&(now.0 - at.0)));
        noted.shrink_to_fit();
    }
}
