//! How much one account may write. Whatever it does (messages, edits, whose earlier texts are kept, drafts,
//! settings, reactions, groups) counts alike, so that nobody fills the disk.
//!
//! A token bucket each (governor's GCRA): it holds a day's worth and fills up over a day. It is in memory,
//! and begins full when the server starts, which no account can bring about; each of several servers on a
//! database counts what it is asked.

use crate::error::ApiError;
use crate::lock::lock;
use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, RateLimiter};
use parlour_protocol::{Action, Op, UserId};
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What is counted at once.
const UNIT: usize = 256;
/// What an op takes beside its content: its row, what knows it again, and their places in indexes.
const OP_BYTES: usize = 512;
/// What each person takes who is named when a group begins.
const MEMBER_BYTES: usize = 768;
const DAY: Duration = Duration::from_secs(24 * 3600);

/// What each account has left to write.
pub struct Quota(Mutex<Option<Arc<Limiter>>>);

type Limiter = DefaultKeyedRateLimiter<UserId>;

impl Quota {
    /// So many bytes a day; 0 for no bound.
    pub fn new(bytes_per_day: u64) -> Self {
        Self(Mutex::new(limiter(bytes_per_day)))
    }

    /// Counts anew from here on, up to so many bytes a day.
    pub fn set(&self, bytes_per_day: u64) {
        *lock(&self.0) = limiter(bytes_per_day);
    }

    fn limiter(&self) -> Option<Arc<Limiter>> {
        lock(&self.0).clone()
    }

    /// Counts what an account wants to write.
    ///
    /// # Errors
    /// It has written as much as it may, and is told when there is room again.
    pub fn take(&self, user: UserId, op: &Op) -> Result<(), ApiError> {
        let Some(limiter) = self.limiter() else { return Ok(()) };
        let units = u32::try_from(bytes_of(op).div_ceil(UNIT)).unwrap_or(u32::MAX);
        let units = NonZeroU32::new(units).unwrap_or(NonZeroU32::MIN);
        match limiter.check_key_n(&user, units) {
            Ok(Ok(())) => Ok(()),
            Ok(Err(until)) => Err(full(until.wait_time_from(DefaultClock::default().now()))),
            // By itself more than a day's worth.
            Err(_) => Err(full(DAY)),
        }
    }

    /// Forgets the accounts that have written nothing for a day.
    pub fn sweep(&self) {
        if let Some(limiter) = self.limiter() {
            limiter.retain_recent();
            limiter.shrink_to_fit();
        }
    }
}

fn limiter(bytes_per_day: u64) -> Option<Arc<Limiter>> {
    let units = u32::try_from(bytes_per_day.div_ceil(UNIT as u64)).unwrap_or(u32::MAX);
    NonZeroU32::new(units).map(|units| {
        let quota = governor::Quota::with_period(DAY / units.get());
        let quota = quota.expect("a day has more nanoseconds than that").allow_burst(units);
        Arc::new(RateLimiter::keyed(quota))
    })
}

/// What an op makes the server keep, about.
fn bytes_of(op: &Op) -> usize {
    let members = match &op.action {
        Action::Create { members, .. } => members.len(),
        _ => 0,
    };
    let json = serde_json::to_string(op).map_or(0, |json| json.len());
    json + OP_BYTES + MEMBER_BYTES * members
}

fn full(wait: Duration) -> ApiError {
    let minutes = wait.as_secs() / 60 + 1;
    let message = format!(
        "You have written as much as one account may in a day. There is room again in {minutes} min."
    );
    let mut refusal = ApiError::rate_limited(wait);
    refusal.message = message;
    refusal
}

#[cfg(test)]
mod tests {
    use super::*;
    use parlour_protocol::{ConversationId, ErrorBody, ErrorCode, OpId};
    use uuid::Uuid;

    fn op(action: Action) -> Op {
        Op { id: OpId::new(), conversation_id: ConversationId(Uuid::nil()), action }
    }

    #[test]
    fn an_account_may_write_so_much_a_day_whatever_it_is_and_is_told_when_there_is_room() {
        let (wren, oak) = (UserId(Uuid::from_u128(1)), UserId(Uuid::from_u128(2)));
        let quota = Quota::new(1024 * 1024);
        let text = "x".repeat(64 * 1024);
        let writes = [
            Action::send(text.clone()),
            Action::edit(parlour_protocol::MessageId(Uuid::nil()), text.clone()),
            Action::Draft { body: text.clone(), reply_to: None, based_on: None },
            Action::Setting { name: "a".into(), value: text },
        ];
        let many = (0..100).find(|n| quota.take(wren, &op(writes[n % 4].clone())).is_err());
        assert_eq!(many, Some(15));
        let refused: ErrorBody = quota.take(wren, &op(writes[0].clone())).unwrap_err().into();
        assert_eq!(refused.code, ErrorCode::Rate);
        let minute = 60_000;
        assert!((minute..120 * minute).contains(&refused.retry_after_ms.unwrap()), "{refused:?}");
        quota.take(oak, &op(writes[0].clone())).unwrap();
        assert!((0..10_000).all(|_| Quota::new(0).take(wren, &op(Action::Leave)).is_ok()));
    }

    #[test]
    fn small_things_count_for_what_they_leave_behind() {
        let wren = UserId(Uuid::from_u128(1));
        let quota = Quota::new(1024 * 1024);
        let many = (0..10_000).find(|_| quota.take(wren, &op(Action::Leave)).is_err());
        assert!((1000..2000).contains(&many.unwrap()), "{many:?}");
        let quota = Quota::new(1024 * 1024);
        let group = op(Action::create_group("g", vec![wren; 500]));
        let many = (0..100).find(|_| quota.take(wren, &group).is_err());
        assert_eq!(many, Some(2));
    }
}
