//! Limits on requests in flight. Each account may have a number of requests at a time, from their start until
//! their responses are taken; further ones wait for a permit. The large responses of all accounts share a
//! limited memory.

use crate::error::ApiError;
use crate::lock::lock;
use parlour_protocol::UserId;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

/// The largest number of simultaneous requests of one account: what its devices request at once, and a few more.
const OF_ACCOUNT: usize = 16;
/// The memory for simultaneous large responses of all accounts, in KiB.
const LARGE_KIB: usize = 256 * 1024;
/// The largest size in bytes of a response that does not count as large.
const SMALL_BYTES: usize = 64 * 1024;
/// How long a client that got no permit should wait before it retries.
const RETRY_AFTER: Duration = Duration::from_secs(5);

/// The requests and large responses in flight.
pub struct InFlight {
    accounts: Mutex<HashMap<UserId, Account>>,
    /// The memory left for large responses, in KiB.
    memory: Arc<Semaphore>,
    /// How long a request waits for a permit.
    wait: Duration,
}

struct Account {
    permits: Arc<Semaphore>,
    /// The number of requests that have a permit or wait for one.
    requests: usize,
}

/// Permits one request of an account, until dropped.
pub struct RequestPermit {
    /// Dropped before `_entry`.
    _permit: OwnedSemaphorePermit,
    _entry: Entry,
}

/// The memory that a large response takes, released on drop.
#[derive(Clone)]
pub struct ResponsePermit {
    _memory: Arc<OwnedSemaphorePermit>,
}

/// Keeps an account in the map while it exists.
struct Entry {
    in_flight: Arc<InFlight>,
    user: UserId,
}

impl Drop for Entry {
    fn drop(&mut self) {
        let mut accounts = lock(&self.in_flight.accounts);
        if let Some(account) = accounts.get_mut(&self.user) {
            account.requests -= 1;
            if account.requests == 0 {
                accounts.remove(&self.user);
            }
        }
    }
}

impl InFlight {
    /// Creates it with nothing in flight. A request waits for a permit for `wait` at most.
    pub fn new(wait: Duration) -> Self {
        Self { accounts: Mutex::default(), memory: Arc::new(Semaphore::new(LARGE_KIB)), wait }
    }

    /// Waits until the account may have one more request in flight.
    ///
    /// # Errors
    /// Fails if that takes too long, because the account's clients read slowly or request a lot.
    pub async fn admit(self: &Arc<Self>, user: UserId) -> Result<RequestPermit, ApiError> {
        let (permits, entry) = self.enter(user);
        let permit = match permits.clone().try_acquire_owned() {
            Ok(permit) => permit,
            Err(_) => match timeout(self.wait, permits.acquire_owned()).await {
                Ok(Ok(permit)) => permit,
                Ok(Err(_)) | Err(_) => return Err(ApiError::rate_limited(RETRY_AFTER)),
            },
        };
        Ok(RequestPermit { _permit: permit, _entry: entry })
    }

    /// Reserves memory for a response of `bytes` bytes, if it is large.
    ///
    /// # Errors
    /// Fails if there is none left, because all accounts together take their responses too slowly.
    pub fn reserve(&self, bytes: usize) -> Result<Option<ResponsePermit>, ApiError> {
        if bytes <= SMALL_BYTES {
            return Ok(None);
        }
        let kib = u32::try_from((bytes / 1024).min(LARGE_KIB)).unwrap_or(u32::MAX);
        let memory = self.memory.clone().try_acquire_many_owned(kib);
        let memory = memory.map_err(|_| ApiError::overloaded())?;
        Ok(Some(ResponsePermit { _memory: Arc::new(memory) }))
    }

    fn enter(self: &Arc<Self>, user: UserId) -> (Arc<Semaphore>, Entry) {
        let mut accounts = lock(&self.accounts);
        let new = || Account { permits: Arc::new(Semaphore::new(OF_ACCOUNT)), requests: 0 };
        let account = accounts.entry(user).or_insert_with(new);
        account.requests += 1;
        (account.permits.clone(), Entry { in_flight: self.clone(), user })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use parlour_protocol::ErrorCode;
    use uuid::Uuid;

    #[tokio::test]
    async fn an_account_has_so_many_permits_and_leaves_nothing_behind() {
        let in_flight = Arc::new(InFlight::new(Duration::ZERO));
        let (wren, oak) = (UserId(Uuid::from_u128(1)), UserId(Uuid::from_u128(2)));
        let mut permits = Vec::new();
        for _ in 0..OF_ACCOUNT {
            permits.push(in_flight.admit(wren).await.unwrap());
        }
        let refused = in_flight.admit(wren).await.err().unwrap();
        assert_eq!(refused.code, ErrorCode::Rate);
        drop(in_flight.admit(oak).await.unwrap());
        permits.clear();
        assert!(lock(&in_flight.accounts).is_empty());
    }

    #[test]
    fn large_responses_share_so_much_memory_and_small_ones_are_not_counted() {
        let in_flight = InFlight::new(Duration::ZERO);
        let half = LARGE_KIB * 1024 / 2;
        let held = [in_flight.reserve(half).unwrap(), in_flight.reserve(half).unwrap()];
        assert_eq!(in_flight.reserve(SMALL_BYTES + 1).err().unwrap().code, ErrorCode::Overloaded);
        assert!(in_flight.reserve(SMALL_BYTES).unwrap().is_none());
        drop(held);
        in_flight.reserve(usize::MAX).unwrap().unwrap();
    }

    #[tokio::test]
    async fn who_waits_gets_the_permit_that_is_given_up() {
        let in_flight = Arc::new(InFlight::new(Duration::from_secs(60)));
        let wren = UserId(Uuid::from_u128(1));
        let mut permits = Vec::new();
        for _ in 0..OF_ACCOUNT {
            permits.push(in_flight.admit(wren).await.unwrap());
        }
        let giving_up = async { drop(permits.pop()) };
        let (next, ()) = tokio::join!(in_flight.admit(wren), giving_up);
        drop((next.unwrap(), permits));
        assert!(lock(&in_flight.accounts).is_empty());
    }
}
