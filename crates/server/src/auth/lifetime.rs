//! Computes when sessions expire.

use parlour_protocol::Millis;
use std::time::Duration;

/// The lifetime of sessions.
#[derive(Debug, Clone, Copy)]
pub struct Lifetime {
    /// The longest time without a request.
    pub idle: Duration,
    /// The longest time since sign-in, however much the session is used.
    pub absolute: Duration,
}

impl Lifetime {
    /// Returns when a session expires that was created at `created_at` and last used at `used_at`.
    pub fn expiry(self, created_at: Millis, used_at: Millis) -> Millis {
        let ms = |duration: Duration| i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
        let idle = used_at.0.saturating_add(ms(self.idle));
        Millis(idle.min(created_at.0.saturating_add(ms(self.absolute))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_lasts_while_it_is_used_up_to_its_absolute_limit() {
        let day = Duration::from_secs(24 * 3600);
        let lifetime = Lifetime { idle: 30 * day, absolute: 180 * day };
        let at = |days: i64| Millis(days * 24 * 3600 * 1000);
        assert_eq!(lifetime.expiry(at(0), at(0)), at(30));
        assert_eq!(lifetime.expiry(at(0), at(100)), at(130));
        assert_eq!(lifetime.expiry(at(0), at(170)), at(180));
    }
}
