//! Where times and new ids come from, so that a simulation can give its own.

use parlour_protocol::Millis;
use std::time::SystemTime;
use uuid::Uuid;

/// Gives times and new ids.
pub trait Clock: Send + Sync {
    /// The time of day.
    fn now(&self) -> Millis;
    /// An id that nothing else has (UUIDv7).
    fn id(&self) -> Uuid;
}

/// This computer's clock, and ids of version 7 made by it.
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Millis {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        Millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }

    fn id(&self) -> Uuid {
        Uuid::now_v7()
    }
}
