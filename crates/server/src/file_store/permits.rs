//! How many parts may be on their way at the same time: each is in memory until it is on the disk.

use crate::error::ApiError;
use crate::lock::lock;
use parlour_protocol::UserId;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

/// The largest number of parts of all accounts: 64 MiB of memory.
const OF_ALL: usize = 16;
/// The largest number of parts of one account.
const OF_ACCOUNT: usize = 4;
/// How long a part waits for its turn.
const WAIT: Duration = Duration::from_secs(10);

/// The permits of parts on their way.
pub struct Permits {
    all: Arc<Semaphore>,
    accounts: Arc<Mutex<HashMap<UserId, usize>>>,
    wait: Duration,
}

impl Default for Permits {
    fn default() -> Self {
        Self { all: Arc::new(Semaphore::new(OF_ALL)), accounts: Arc::default(), wait: WAIT }
    }
}

/// Permits one part, until dropped.
pub struct Permit {
    _of_account: OfAccount,
    _of_all: OwnedSemaphorePermit,
}

struct OfAccount {
    accounts: Arc<Mutex<HashMap<UserId, usize>>>,
    user: UserId,
}

impl Drop for OfAccount {
    fn drop(&mut self) {
        let mut accounts = lock(&self.accounts);
        if let Some(many) = accounts.get_mut(&self.user) {
            *many -= 1;
            if *many == 0 {
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
        let of_all = timeout(self.wait, self.all.clone().acquire_owned()).await;
        let of_all = of_all.map_err(|_| ApiError::overloaded())?;
        let of_all = of_all.map_err(|_| ApiError::overloaded())?;
        Ok(Permit { _of_account: of_account, _of_all: of_all })
    }

    fn enter(&self, user: UserId) -> Result<OfAccount, ApiError> {
        let mut accounts = lock(&self.accounts);
        let many = accounts.entry(user).or_default();
        if *many >= OF_ACCOUNT {
            return Err(ApiError::rate_limited(Duration::from_secs(1)));
        }
        *many += 1;
        Ok(OfAccount { accounts: self.accounts.clone(), user })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use parlour_protocol::ErrorCode;
    use uuid::Uuid;

    #[tokio::test]
    async fn an_account_has_its_share_and_leaves_nothing_behind() {
        let permits = Permits { wait: Duration::ZERO, ..Permits::default() };
        let user = |n| UserId(Uuid::from_u128(n));
        let mut held = Vec::new();
        for n in 0..OF_ALL {
            held.push(permits.admit(user((n / OF_ACCOUNT) as u128)).await.unwrap());
        }
        let refused = permits.admit(user(0)).await.err().unwrap();
        assert_eq!(refused.code, ErrorCode::Rate);
        let refused = permits.admit(user(99)).await.err().unwrap();
        assert_eq!(refused.code, ErrorCode::Overloaded);
        held.clear();
        drop(permits.admit(user(0)).await.unwrap());
        assert!(lock(&permits.accounts).is_empty());
    }
}
