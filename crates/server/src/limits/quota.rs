//! The daily quota of bytes that each account may write, so that no account can fill the disk. Everything counts:
//! messages, edits (whose earlier texts are kept), drafts, settings, reactions and groups.
//!
//! Each account has a token bucket (governor's GCRA), which holds a day's worth and refills over a day. The buckets
//! are in memory and are full when the server starts, which no account can cause. If several servers share a
//! database, each counts separately.

use crate::error::ApiError;
use crate::lock::lock;
use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, RateLimiter};
use parlour_protocol::{Action, MessageRow, Op, OpDone, Row, UserId};
use serde::Serialize;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// The number of bytes per token of a bucket.
const BYTES_PER_TOKEN: usize = 256;
/// The approximate number of bytes that an op takes besides its content: for its row, for the record that
/// makes it idempotent, and for their index entries.
const OP_BYTES: usize = 512;
/// The approximate number of bytes for each member of a new group.
const MEMBER_BYTES: usize = 768;
const DAY: Duration = Duration::from_secs(24 * 3600);

/// The number of bytes that each account may still write.
pub struct Quota(Mutex<Option<Arc<Limiter>>>);

type Limiter = DefaultKeyedRateLimiter<UserId>;

impl Quota {
    /// Creates full buckets of `bytes_per_day` bytes; 0 for no limit.
    pub fn new(bytes_per_day: u64) -> Self {
        Self(Mutex::new(limiter(bytes_per_day)))
    }

    /// Replaces the buckets by full ones of `bytes_per_day` bytes; 0 for no limit.
    pub fn set(&self, bytes_per_day: u64) {
        *lock(&self.0) = limiter(bytes_per_day);
    }

    fn limiter(&self) -> Option<Arc<Limiter>> {
        lock(&self.0).clone()
    }

    /// Counts an op that an account wants to do.
    ///
    /// # Errors
    /// Fails if the account has written as much as it may, with the time until it may write this op.
    pub fn charge(&self, user: UserId, op: &Op) -> Result<(), ApiError> {
        self.charge_bytes(user, bytes_of(op))
    }

    /// Counts a small record that an account wants to store, such as the announcement of a file.
    ///
    /// # Errors
    /// Fails for the reason of [`Quota::charge`].
    pub fn charge_record(&self, user: UserId) -> Result<(), ApiError> {
        self.charge_bytes(user, OP_BYTES)
    }

    /// Counts a message that an account changed without sending its content, because the whole message is sent to all
    /// members ([`Rules::resends_message`](parlour_protocol::Rules::resends_message)). If that exceeds the quota,
    /// nothing of the quota is left, and the account's next op is refused.
    pub fn charge_resent_message(&self, user: UserId, done: &OpDone) {
        let Some(limiter) = self.limiter() else { return };
        let bytes = |row: &Row| if let Row::Message(row) = row { bytes_of_message(row) } else { 0 };
        let mut rest = tokens(done.rows.iter().map(bytes).sum());
        let mut part = rest;
        while let Some(tokens) = NonZeroU32::new(part) {
            if matches!(limiter.check_key_n(&user, tokens), Ok(Ok(()))) {
                rest -= part;
                part = part.min(rest);
            } else {
                part /= 2;
            }
        }
    }

    /// Counts bytes that an account wants to store.
    ///
    /// # Errors
    /// Fails for the reason of [`Quota::charge`].
    pub fn charge_bytes(&self, user: UserId, bytes: usize) -> Result<(), ApiError> {
        let Some(limiter) = self.limiter() else { return Ok(()) };
        let tokens = NonZeroU32::new(tokens(bytes)).unwrap_or(NonZeroU32::MIN);
        match limiter.check_key_n(&user, tokens) {
            Ok(Ok(())) => Ok(()),
            Ok(Err(until)) => {
                Err(quota_exceeded(until.wait_time_from(DefaultClock::default().now())))
            }
            Err(_) => {
                let message = "This is more than an account may write in a day.";
                Err(ApiError::rate_limited(DAY).with_message(message.into()))
            }
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

fn tokens(bytes: usize) -> u32 {
    u32::try_from(bytes.div_ceil(BYTES_PER_TOKEN)).unwrap_or(u32::MAX)
}

fn limiter(bytes_per_day: u64) -> Option<Arc<Limiter>> {
    let tokens = u32::try_from(bytes_per_day.div_ceil(BYTES_PER_TOKEN as u64)).unwrap_or(u32::MAX);
    NonZeroU32::new(tokens).map(|tokens| {
        let quota = governor::Quota::with_period(DAY / tokens.get());
        let quota = quota.expect("a day has more nanoseconds than that").allow_burst(tokens);
        Arc::new(RateLimiter::keyed(quota))
    })
}

/// Returns the approximate number of bytes that the server stores for an op.
fn bytes_of(op: &Op) -> usize {
    let members = match &op.action {
        Action::Create { members, .. } => members.len(),
        _ => 0,
    };
    json_bytes(op) + OP_BYTES + MEMBER_BYTES * members
}

/// Returns the approximate number of bytes of a message: its text and the descriptions of its files.
fn bytes_of_message(row: &MessageRow) -> usize {
    let files = if row.files.is_empty() { 0 } else { json_bytes(&row.files) };
    row.body.len() + files
}

fn json_bytes(value: &impl Serialize) -> usize {
    serde_json::to_string(value).map_or(0, |json| json.len())
}

fn quota_exceeded(wait: Duration) -> ApiError {
    let minutes = wait.as_secs() / 60 + 1;
    let message = format!(
        "This is more than the account may still write today. It may write this in {minutes} min, and less earlier."
    );
    ApiError::rate_limited(wait).with_message(message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use parlour_protocol::{
        ConversationId, ErrorBody, ErrorCode, MessageFile, MessageId, Millis, OpId, StreamId,
    };
    use uuid::Uuid;

    fn op(action: Action) -> Op {
        Op { id: OpId::new(), conversation_id: ConversationId(Uuid::nil()), action }
    }

    #[test]
    fn all_kinds_of_writes_count_for_the_quota_and_the_refusal_contains_the_time_to_wait() {
        let (wren, oak) = (UserId(Uuid::from_u128(1)), UserId(Uuid::from_u128(2)));
        let quota = Quota::new(1024 * 1024);
        let text = "x".repeat(64 * 1024);
        let writes = [
            Action::send(text.clone()),
            Action::edit(MessageId(Uuid::nil()), text.clone()),
            Action::Draft { body: text.clone(), reply_to: None, based_on: None },
            Action::Setting { name: "a".into(), value: text },
        ];
        let count = (0..100).find(|n| quota.charge(wren, &op(writes[n % 4].clone())).is_err());
        assert_eq!(count, Some(15));
        let refused: ErrorBody = quota.charge(wren, &op(writes[0].clone())).unwrap_err().into();
        assert_eq!(refused.code, ErrorCode::RateLimited);
        assert!(refused.message.contains("may write this in"), "{refused:?}");
        let minute = 60_000;
        assert!((minute..120 * minute).contains(&refused.retry_after_ms.unwrap()), "{refused:?}");
        // A smaller one is accepted before that time.
        quota.charge(wren, &op(Action::Leave)).unwrap();
        quota.charge(oak, &op(writes[0].clone())).unwrap();
        let huge = quota.charge_bytes(oak, 2 * 1024 * 1024).unwrap_err();
        assert!(huge.message.contains("more than an account may write in a day"), "{huge:?}");
        assert!((0..10_000).all(|_| Quota::new(0).charge(wren, &op(Action::Leave)).is_ok()));
    }

    #[test]
    fn a_message_that_is_sent_again_uses_up_the_quota_even_if_it_exceeds_it() {
        let (wren, message) = (UserId(Uuid::from_u128(1)), MessageId(Uuid::from_u128(2)));
        let quota = Quota::new(1024 * 1024);
        let react = op(Action::React { message_id: message, emoji: "👍".into(), on: true });
        let row = MessageRow::new(message, wren, "x".repeat(64 * 1024), Millis(0));
        let done = OpDone::new(StreamId::Account(wren), vec![Row::Message(row)]);
        let count = (0..100).find(|_| {
            let is_refused = quota.charge(wren, &react).is_err();
            quota.charge_resent_message(wren, &done);
            is_refused
        });
        assert_eq!(count, Some(16));
        // The descriptions of files count as well.
        let quota = Quota::new(1024 * 1024);
        let name = "n".repeat(255);
        let files = (0..10).map(|n| MessageFile::example(&name, &[n])).collect();
        let row = MessageRow { files, ..MessageRow::new(message, wren, "", Millis(0)) };
        let done = OpDone::new(StreamId::Account(wren), vec![Row::Message(row)]);
        let count = (0..10_000).find(|_| {
            let is_refused = quota.charge(wren, &react).is_err();
            quota.charge_resent_message(wren, &done);
            is_refused
        });
        assert!((100..400).contains(&count.unwrap()), "{count:?}");
    }

    #[test]
    fn small_ops_count_with_the_size_of_their_records() {
        let wren = UserId(Uuid::from_u128(1));
        let quota = Quota::new(1024 * 1024);
        let count = (0..10_000).find(|_| quota.charge(wren, &op(Action::Leave)).is_err());
        assert!((1000..2000).contains(&count.unwrap()), "{count:?}");
        let quota = Quota::new(1024 * 1024);
        let group = op(Action::create_group("g", vec![wren; 500]));
        let count = (0..100).find(|_| quota.charge(wren, &group).is_err());
        assert_eq!(count, Some(2));
    }
}
