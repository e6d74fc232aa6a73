//! When sessions were last used: written at most once a minute for each, not with every request.

use crate::lock::lock;
use parlour_protocol::{Millis, SessionId};
use std::collections::HashMap;
use std::sync::Mutex;

/// The shortest time between two writes of a session's last use and its owner's `last_seen`.
const EVERY_MS: i64 = 60_000;
/// The number of sessions remembered. When it is reached all are forgotten, which costs each of them one write.
const MAX_ENTRIES: usize = 100_000;

/// The time at which each session's use was last written.
#[derive(Default)]
pub struct LastSeen(Mutex<HashMap<SessionId, Millis>>);

impl LastSeen {
    /// Returns whether the use of `session` should be written now. If so, it is remembered as written at `now`.
    pub fn is_due(&self, session: SessionId, now: Millis) -> bool {
        let mut noted = lock(&self.0);
        let due = noted.get(&session).is_none_or(|at| now.0 - at.0 >= EVERY_MS || now < *at);
        if due {
            if noted.len() >= MAX_ENTRIES {
                noted.clear();
            }
            noted.insert(session, now);
        }
        due
    }

    /// Forgets the sessions whose next use is written in any case.
    pub fn sweep(&self, now: Millis) {
        let mut noted = lock(&self.0);
        noted.retain(|_, at| (0..EVERY_MS).contains(&(now.0 - at.0)));
        noted.shrink_to_fit();
    }
}
