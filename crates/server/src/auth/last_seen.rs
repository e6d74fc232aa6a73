//! When sessions were last used: written at most once a minute for each, not with every request.

use crate::lock::lock;
use parlour_protocol::{Millis, SessionId};
use std::collections::HashMap;
use std::sync::Mutex;

/// The shortest time between two writes of a session's last use and its owner's `last_seen`.
const WRITE_INTERVAL_MS: i64 = 60_000;
/// The largest number of stored sessions. When it is reached all are removed, which costs each of them one write.
const MAX_ENTRIES: usize = 100_000;

/// The time at which each session's use was last written.
#[derive(Default)]
pub struct LastSeen(Mutex<HashMap<SessionId, Millis>>);

impl LastSeen {
    /// Returns whether the use of `session` should be written now. If so, records it as written at `now`.
    pub fn is_due(&self, session: SessionId, now: Millis) -> bool {
        let mut written = lock(&self.0);
        let due =
            written.get(&session).is_none_or(|at| now.0 - at.0 >= WRITE_INTERVAL_MS || now < *at);
        if due {
            if written.len() >= MAX_ENTRIES {
                written.clear();
            }
            written.insert(session, now);
        }
        due
    }

    /// Removes the sessions whose next use is due in any case.
    pub fn sweep(&self, now: Millis) {
        let mut written = lock(&self.0);
        written.retain(|_, at| (0..WRITE_INTERVAL_MS).contains(&(now.0 - at.0)));
        written.shrink_to_fit();
    }
}
