//! Limits how many parts are received at the same time: each is in memory until it is on the disk. While another part
//! waits for a permit, one that arrives too slowly is cancelled.

use super::progress::Progress;
use crate::error::ApiError;
use crate::lock::lock;
use parlour_protocol::UserId;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout};

/// The largest number of parts that are received at once: 64 MiB of memory.
const MAX_PARTS: usize = 16;
/// The largest number of parts of one account.
const MAX_PARTS_PER_ACCOUNT: usize = 4;
/// How long a part waits for a permit.
const WAIT_TIMEOUT: Duration = Duration::from_secs(10);
/// How often a waiting part checks for one that arrives too slowly.
const SLOW_CHECK_INTERVAL: Duration = Duration::from_secs(1);

/// Gives permits to receive parts.
#[derive(Clone)]
pub struct Permits {
    all: Arc<Semaphore>,
    accounts: Arc<Mutex<HashMap<UserId, Vec<Arc<Progress>>>>>,
    wait: Duration,
}

impl Default for Permits {
    fn default() -> Self {
        Self {
            all: Arc::new(Semaphore::new(MAX_PARTS)),
            accounts: Arc::default(),
            wait: WAIT_TIMEOUT,
        }
    }
}

/// Permission to receive one part, until dropped.
pub struct Permit {
    account: AccountPermit,
    _global: OwnedSemaphorePermit,
}

impl Permit {
    /// Returns how much of the part has arrived.
    pub fn progress(&self) -> &Progress {
        &self.account.progress
    }
}

struct AccountPermit {
    permits: Permits,
    user: UserId,
    progress: Arc<Progress>,
}

impl Drop for AccountPermit {
    fn drop(&mut self) {
        let mut accounts = lock(&self.permits.accounts);
        if let Some(parts) = accounts.get_mut(&self.user) {
            parts.retain(|part| !Arc::ptr_eq(part, &self.progress));
            if parts.is_empty() {
                accounts.remove(&self.user);
            }
        }
    }
}

impl Permits {
    /// Waits until a part of this account may be received.
    ///
    /// # Errors
    /// Fails if the account is already receiving too many parts, or if no permit becomes free in time.
    pub async fn admit(&self, user: UserId) -> Result<Permit, ApiError> {
        let account = self.register(user)?;
        let permit = async {
            let permit = self.all.clone().acquire_owned();
            tokio::pin!(permit);
            loop {
                match timeout(SLOW_CHECK_INTERVAL, &mut permit).await {
                    Ok(permit) => return permit.map_err(|_| ApiError::overloaded()),
                    Err(_) => self.cancel_slow(Instant::now()),
                }
            }
        };
        let global = timeout(self.wait, permit).await.map_err(|_| ApiError::overloaded())??;
        account.progress.start();
        Ok(Permit { account, _global: global })
    }

    fn register(&self, user: UserId) -> Result<AccountPermit, ApiError> {
        let mut accounts = lock(&self.accounts);
        let parts = accounts.entry(user).or_default();
        if parts.len() >= MAX_PARTS_PER_ACCOUNT {
            return Err(ApiError::rate_limited(Duration::from_secs(1)));
        }
        let progress = Arc::new(Progress::default());
        parts.push(progress.clone());
        Ok(AccountPermit { permits: self.clone(), user, progress })
    }

    /// Cancels one part that arrives too slowly, of the account with the most parts.
    fn cancel_slow(&self, now: Instant) {
        let accounts = lock(&self.accounts);
        let slow = accounts.values().filter_map(|parts| {
            let slow = parts.iter().find(|part| part.is_slow(now))?;
            Some((parts.len(), slow))
        });
        if let Some((_, slow)) = slow.max_by_key(|(count, _)| *count) {
            slow.cancel();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;
    use parlour_protocol::ErrorCode;
    use uuid::Uuid;

    fn user(n: usize) -> UserId {
        UserId(Uuid::from_u128(n as u128))
    }

    #[tokio::test]
    async fn parts_are_limited_per_account_and_in_total_and_nothing_remains_of_finished_ones() {
        let permits = Permits { wait: Duration::ZERO, ..Permits::default() };
        let mut held = Vec::new();
        for n in 0..MAX_PARTS {
            held.push(permits.admit(user(n / MAX_PARTS_PER_ACCOUNT)).await.unwrap());
        }
        let refused = permits.admit(user(0)).await.err().unwrap();
        assert_eq!(refused.code, ErrorCode::RateLimited);
        let refused = permits.admit(user(99)).await.err().unwrap();
        assert_eq!(refused.code, ErrorCode::Overloaded);
        held.clear();
        drop(permits.admit(user(0)).await.unwrap());
        assert!(lock(&permits.accounts).is_empty());
    }

    #[tokio::test]
    async fn a_part_that_arrives_too_slowly_is_cancelled_if_others_wait() {
        let permits = Permits::default();
        let mut parts = Vec::new();
        for n in 0..MAX_PARTS_PER_ACCOUNT + 1 {
            parts.push(permits.admit(user(n / MAX_PARTS_PER_ACCOUNT)).await.unwrap());
        }
        let is_cancelled = |part: &Permit| part.progress().cancelled().now_or_never().is_some();
        // The first account has the most parts; its last part does not arrive.
        let (slow, arriving) = (MAX_PARTS_PER_ACCOUNT - 1, 8 * 64 * 1024);
        parts[..slow].iter().for_each(|part| part.progress().add(arriving));
        permits.cancel_slow(Instant::now());
        assert!(!parts.iter().any(is_cancelled), "all of them have just started");
        permits.cancel_slow(Instant::now() + Duration::from_secs(9));
        let cancelled: Vec<usize> = (0..parts.len()).filter(|n| is_cancelled(&parts[*n])).collect();
        assert_eq!(cancelled, [slow]);
    }
}
