//! How many parts may be on their way at the same time: each is in memory until it is on the disk. While somebody
//! waits for a turn, a part that arrives too slowly is given up.

use super::progress::Progress;
use crate::error::ApiError;
use crate::lock::lock;
use parlour_protocol::UserId;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout};

/// The largest number of parts of all accounts: 64 MiB of memory.
const OF_ALL: usize = 16;
/// The largest number of parts of one account.
const OF_ACCOUNT: usize = 4;
/// How long a part waits for its turn.
const WAIT: Duration = Duration::from_secs(10);
/// How often a part that waits looks for one that arrives too slowly.
const LOOK: Duration = Duration::from_secs(1);

/// The permits of parts on their way.
#[derive(Clone)]
pub struct Permits {
    all: Arc<Semaphore>,
    accounts: Arc<Mutex<HashMap<UserId, Vec<Arc<Progress>>>>>,
    wait: Duration,
}

impl Default for Permits {
    fn default() -> Self {
        Self { all: Arc::new(Semaphore::new(OF_ALL)), accounts: Arc::default(), wait: WAIT }
    }
}

/// Permits one part, until dropped.
pub struct Permit {
    of_account: OfAccount,
    _of_all: OwnedSemaphorePermit,
}

impl Permit {
    /// Returns how much of the part has arrived.
    pub fn progress(&self) -> &Progress {
        &self.of_account.progress
    }
}

struct OfAccount {
    permits: Permits,
    user: UserId,
    progress: Arc<Progress>,
}

impl Drop for OfAccount {
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
    /// Waits until a part of this account may be read.
    ///
    /// # Errors
    /// Fails if the account has too many on their way, or if all accounts together have for too long.
    pub async fn admit(&self, user: UserId) -> Result<Permit, ApiError> {
        let of_account = self.enter(user)?;
        let turn = async {
            let turn = self.all.clone().acquire_owned();
            tokio::pin!(turn);
            loop {
                match timeout(LOOK, &mut turn).await {
                    Ok(turn) => return turn.map_err(|_| ApiError::overloaded()),
                    Err(_) => self.cut_slow(Instant::now()),
                }
            }
        };
        let of_all = timeout(self.wait, turn).await.map_err(|_| ApiError::overloaded())??;
        of_account.progress.begin();
        Ok(Permit { of_account, _of_all: of_all })
    }

    fn enter(&self, user: UserId) -> Result<OfAccount, ApiError> {
        let mut accounts = lock(&self.accounts);
        let parts = accounts.entry(user).or_default();
        if parts.len() >= OF_ACCOUNT {
            return Err(ApiError::rate_limited(Duration::from_secs(1)));
        }
        let progress = Arc::new(Progress::default());
        parts.push(progress.clone());
        Ok(OfAccount { permits: self.clone(), user, progress })
    }

    /// Gives up one part that arrives too slowly, of the account that has most on their way.
    fn cut_slow(&self, now: Instant) {
        let accounts = lock(&self.accounts);
        let slow = accounts.values().filter_map(|parts| {
            let slow = parts.iter().find(|part| part.is_slow(now))?;
            Some((parts.len(), slow))
        });
        if let Some((_, slow)) = slow.max_by_key(|(many, _)| *many) {
            slow.cut();
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
    async fn an_account_has_its_share_and_leaves_nothing_behind() {
        let permits = Permits { wait: Duration::ZERO, ..Permits::default() };
        let mut held = Vec::new();
        for n in 0..OF_ALL {
            held.push(permits.admit(user(n / OF_ACCOUNT)).await.unwrap());
        }
        let refused = permits.admit(user(0)).await.err().unwrap();
        assert_eq!(refused.code, ErrorCode::Rate);
        let refused = permits.admit(user(99)).await.err().unwrap();
        assert_eq!(refused.code, ErrorCode::Overloaded);
        held.clear();
        drop(permits.admit(user(0)).await.unwrap());
        assert!(lock(&permits.accounts).is_empty());
    }

    #[tokio::test]
    async fn a_part_that_arrives_too_slowly_is_given_up_if_others_wait() {
        let permits = Permits::default();
        let mut parts = Vec::new();
        for n in 0..OF_ACCOUNT + 1 {
            parts.push(permits.admit(user(n / OF_ACCOUNT)).await.unwrap());
        }
        let is_cut = |part: &Permit| part.progress().is_cut().now_or_never().is_some();
        // The first account has most; its last part does not arrive.
        let (slow, arriving) = (OF_ACCOUNT - 1, 8 * 64 * 1024);
        parts[..slow].iter().for_each(|part| part.progress().add(arriving));
        permits.cut_slow(Instant::now());
        assert!(!parts.iter().any(is_cut), "all of them have just begun");
        permits.cut_slow(Instant::now() + Duration::from_secs(9));
        let cut: Vec<usize> = (0..parts.len()).filter(|n| is_cut(&parts[*n])).collect();
        assert_eq!(cut, [slow]);
    }
}
