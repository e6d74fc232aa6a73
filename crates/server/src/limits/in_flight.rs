//! Limits on requests in flight. Each account may have a number of requests at a time, from their start until
//! their responses are taken; further ones wait for a permit. A few of them may be at long work at a time. The
//! large responses share a limited memory.

use super::memory::{Memory, ResponsePermit};
use crate::error::ApiError;
use crate::lock::lock;
use parlour_protocol::UserId;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

/// The largest number of simultaneous requests of one account: what its devices request at once, and a few more.
const OF_ACCOUNT: usize = 16;
/// The largest number of requests of one account that read much from the database at the same time: fewer than
/// there are readers, so that others find one.
const AT_WORK: usize = 2;
/// The largest size in bytes of a response that does not count as large.
const SMALL_BYTES: usize = 64 * 1024;
/// How long a client that got no permit should wait before it retries.
const RETRY_AFTER: Duration = Duration::from_secs(5);

/// The requests and large responses in flight.
pub struct InFlight {
    accounts: Mutex<HashMap<UserId, Account>>,
    /// The memory of large responses.
    memory: Arc<Memory>,
    /// How long a request waits for a permit.
    wait: Duration,
}

#[derive(Clone)]
struct Account {
    permits: Arc<Semaphore>,
    working: Arc<Semaphore>,
    /// The number of requests that have a permit or wait for one.
    requests: usize,
}

/// Permits one request of an account, or long work of one, until dropped.
pub struct RequestPermit {
    /// Dropped before `_entry`.
    _permit: OwnedSemaphorePermit,
    _entry: Entry,
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
    /// Creates it with nothing in flight. A request waits for a permit for `wait` at most, and large responses
    /// take `memory` bytes at most.
    pub fn new(wait: Duration, memory: usize) -> Self {
        Self { accounts: Mutex::default(), memory: Arc::new(Memory::new(memory)), wait }
    }

    /// Waits until the account may have one more request in flight.
    ///
    /// # Errors
    /// Fails if that takes too long, because the account's clients read slowly or request a lot.
    pub async fn admit(self: &Arc<Self>, user: UserId) -> Result<RequestPermit, ApiError> {
        let (account, entry) = self.enter(user);
        if account.permits.available_permits() == 0 {
            // A device that does not read does not keep the others waiting.
            self.memory.cut_slow(user, Instant::now());
        }
        self.acquire(account.permits, entry).await
    }

    /// Waits until a request of the account may begin to read much from the database.
    ///
    /// # Errors
    /// Fails if that takes too long, because the account's clients request too much at the same time.
    pub async fn work(self: &Arc<Self>, user: UserId) -> Result<RequestPermit, ApiError> {
        let (account, entry) = self.enter(user);
        self.acquire(account.working, entry).await
    }

    async fn acquire(
        &self,
        permits: Arc<Semaphore>,
        entry: Entry,
    ) -> Result<RequestPermit, ApiError> {
        let permit = match permits.clone().try_acquire_owned() {
            Ok(permit) => permit,
            Err(_) => match timeout(self.wait, permits.acquire_owned()).await {
                Ok(Ok(permit)) => permit,
                Ok(Err(_)) | Err(_) => return Err(ApiError::rate_limited(RETRY_AFTER)),
            },
        };
        Ok(RequestPermit { _permit: permit, _entry: entry })
    }

    /// Reserves memory for a response of `bytes` bytes to an account, if it is large; see [`Memory::take`].
    ///
    /// # Errors
    /// Fails if there is none left, because the account, or all accounts together, take their responses too slowly.
    pub fn reserve(&self, user: UserId, bytes: usize) -> Result<Option<ResponsePermit>, ApiError> {
        if bytes <= SMALL_BYTES {
            return Ok(None);
        }
        self.memory.take(user, bytes, Instant::now()).map(Some)
    }

    fn enter(self: &Arc<Self>, user: UserId) -> (Account, Entry) {
        let mut accounts = lock(&self.accounts);
        let semaphore = |permits| Arc::new(Semaphore::new(permits));
        let new =
            || Account { permits: semaphore(OF_ACCOUNT), working: semaphore(AT_WORK), requests: 0 };
        let account = accounts.entry(user).or_insert_with(new);
        account.requests += 1;
        (account.clone(), Entry { in_flight: self.clone(), user })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use parlour_protocol::ErrorCode;
    use uuid::Uuid;

    const MEMORY: usize = 256 * 1024 * 1024;

    #[tokio::test]
    async fn an_account_has_so_many_permits_and_leaves_nothing_behind() {
        let in_flight = Arc::new(InFlight::new(Duration::ZERO, MEMORY));
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
    fn a_small_response_gets_through_however_much_memory_is_used() {
        let in_flight = InFlight::new(Duration::ZERO, MEMORY);
        let user = |n: u128| UserId(Uuid::from_u128(n));
        let mut held = Vec::new();
        while let Ok(permit) = in_flight.reserve(user(held.len() as u128), 32 * 1024 * 1024) {
            held.push(permit.expect("a large one"));
        }
        assert_eq!(held.len(), 8);
        assert!(in_flight.reserve(user(1), SMALL_BYTES + 1).is_err());
        assert!(in_flight.reserve(user(1), SMALL_BYTES).unwrap().is_none());
    }

    #[tokio::test]
    async fn one_account_is_at_long_work_a_few_times_at_once_and_keeps_nobody_else_from_it() {
        let in_flight = Arc::new(InFlight::new(Duration::ZERO, MEMORY));
        let (wren, oak) = (UserId(Uuid::from_u128(1)), UserId(Uuid::from_u128(2)));
        let request = in_flight.admit(wren).await.unwrap();
        let mut working = Vec::new();
        for _ in 0..AT_WORK {
            working.push(in_flight.work(wren).await.unwrap());
        }
        assert_eq!(in_flight.work(wren).await.err().unwrap().code, ErrorCode::Rate);
        drop(in_flight.work(oak).await.unwrap());
        working.pop();
        working.push(in_flight.work(wren).await.unwrap());
        drop((request, working));
        assert!(lock(&in_flight.accounts).is_empty());
    }

    #[tokio::test]
    async fn who_waits_gets_the_permit_that_is_given_up() {
        let in_flight = Arc::new(InFlight::new(Duration::from_secs(60), MEMORY));
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
