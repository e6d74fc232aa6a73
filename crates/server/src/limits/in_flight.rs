//! Limits on requests in flight. Each account may have a number of concurrent requests, from their start until their
//! responses are received; further ones wait for a permit. A few of them may be long reads. Large responses share a
//! limited memory.

use super::memory::{Memory, ResponsePermit};
use crate::error::ApiError;
use crate::lock::lock;
use parlour_protocol::UserId;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

/// The largest number of concurrent requests of one account: as many as its devices send at once, and a few more.
const MAX_REQUESTS: usize = 16;
/// The largest number of concurrent long reads of one account: fewer than there are connections for reading, so that
/// some remain for others.
const MAX_LONG_READS: usize = 2;
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
    long_reads: Arc<Semaphore>,
    /// The number of requests that have a permit or wait for one.
    requests: usize,
}

/// The permit of a request or of a long read, until dropped.
pub struct RequestPermit {
    /// Dropped before `_entry`.
    _permit: OwnedSemaphorePermit,
    _entry: AccountEntry,
}

/// Keeps an account in the map while it exists.
struct AccountEntry {
    in_flight: Arc<InFlight>,
    user: UserId,
}

impl Drop for AccountEntry {
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
    /// Creates the limits. A request waits for a permit for at most `wait`, and large responses use at most `memory`
    /// bytes.
    pub fn new(wait: Duration, memory: usize) -> Self {
        Self { accounts: Mutex::default(), memory: Arc::new(Memory::new(memory)), wait }
    }

    /// Waits until the account may have one more request in flight.
    ///
    /// # Errors
    /// Fails if that takes too long, because the account's clients read slowly or request a lot.
    pub async fn admit(self: &Arc<Self>, user: UserId) -> Result<RequestPermit, ApiError> {
        let (account, entry) = self.register(user);
        if account.permits.available_permits() == 0 {
            // A device that does not read its response does not block the others.
            self.memory.revoke_slow(user, Instant::now());
        }
        self.acquire(account.permits, entry).await
    }

    /// Waits until a request of the account may start a long read of the database.
    ///
    /// # Errors
    /// Fails if that takes too long, because the account's clients request too much at the same time.
    pub async fn admit_long_read(
        self: &Arc<Self>,
        user: UserId,
    ) -> Result<RequestPermit, ApiError> {
        let (account, entry) = self.register(user);
        self.acquire(account.long_reads, entry).await
    }

    async fn acquire(
        &self,
        permits: Arc<Semaphore>,
        entry: AccountEntry,
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

    /// Reserves memory for a response of `bytes` bytes to an account, if it is large; see [`Memory::reserve`].
    ///
    /// # Errors
    /// Fails if there is none left, because the account, or all accounts together, receive their responses too
    /// slowly.
    pub fn reserve(&self, user: UserId, bytes: usize) -> Result<Option<ResponsePermit>, ApiError> {
        if bytes <= SMALL_BYTES {
            return Ok(None);
        }
        self.memory.reserve(user, bytes, Instant::now()).map(Some)
    }

    fn register(self: &Arc<Self>, user: UserId) -> (Account, AccountEntry) {
        let mut accounts = lock(&self.accounts);
        let semaphore = |permits| Arc::new(Semaphore::new(permits));
        let new = || Account {
            permits: semaphore(MAX_REQUESTS),
            long_reads: semaphore(MAX_LONG_READS),
            requests: 0,
        };
        let account = accounts.entry(user).or_insert_with(new);
        account.requests += 1;
        (account.clone(), AccountEntry { in_flight: self.clone(), user })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use parlour_protocol::ErrorCode;
    use uuid::Uuid;

    const MEMORY: usize = 256 * 1024 * 1024;

    #[tokio::test]
    async fn the_requests_of_an_account_are_limited_and_removed_when_they_end() {
        let in_flight = Arc::new(InFlight::new(Duration::ZERO, MEMORY));
        let (wren, oak) = (UserId(Uuid::from_u128(1)), UserId(Uuid::from_u128(2)));
        let mut permits = Vec::new();
        for _ in 0..MAX_REQUESTS {
            permits.push(in_flight.admit(wren).await.unwrap());
        }
        let refused = in_flight.admit(wren).await.err().unwrap();
        assert_eq!(refused.code, ErrorCode::RateLimited);
        drop(in_flight.admit(oak).await.unwrap());
        permits.clear();
        assert!(lock(&in_flight.accounts).is_empty());
    }

    #[test]
    fn a_small_response_is_sent_even_if_the_memory_is_used_up() {
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
    async fn the_long_reads_of_one_account_are_limited_and_do_not_block_others() {
        let in_flight = Arc::new(InFlight::new(Duration::ZERO, MEMORY));
        let (wren, oak) = (UserId(Uuid::from_u128(1)), UserId(Uuid::from_u128(2)));
        let request = in_flight.admit(wren).await.unwrap();
        let mut long_reads = Vec::new();
        for _ in 0..MAX_LONG_READS {
            long_reads.push(in_flight.admit_long_read(wren).await.unwrap());
        }
        assert_eq!(
            in_flight.admit_long_read(wren).await.err().unwrap().code,
            ErrorCode::RateLimited
        );
        drop(in_flight.admit_long_read(oak).await.unwrap());
        long_reads.pop();
        long_reads.push(in_flight.admit_long_read(wren).await.unwrap());
        drop((request, long_reads));
        assert!(lock(&in_flight.accounts).is_empty());
    }

    #[tokio::test]
    async fn a_waiting_request_gets_a_released_permit() {
        let in_flight = Arc::new(InFlight::new(Duration::from_secs(60), MEMORY));
        let wren = UserId(Uuid::from_u128(1));
        let mut permits = Vec::new();
        for _ in 0..MAX_REQUESTS {
            permits.push(in_flight.admit(wren).await.unwrap());
        }
        let release = async { drop(permits.pop()) };
        let (next, ()) = tokio::join!(in_flight.admit(wren), release);
        drop((next.unwrap(), permits));
        assert!(lock(&in_flight.accounts).is_empty());
    }
}
