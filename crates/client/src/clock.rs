//! The source of times and new ids, which a simulation can replace.

use parlour_protocol::Millis;
use std::time::SystemTime;
use uuid::Uuid;

/// A source of times and new ids.
pub trait Clock: Send + Sync {
    /// Returns the current time.
    fn now(&self) -> Millis;
    /// Returns a new unique id (UUIDv7).
    fn id(&self) -> Uuid;
}

/// The computer's clock, with UUIDs of version 7 made from its time.
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Millis {
        let elapsed = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        Millis(i64::try_from(elapsed.as_millis()).unwrap_or(i64::MAX))
    }

    fn id(&self) -> Uuid {
        Uuid::now_v7()
    }
}
