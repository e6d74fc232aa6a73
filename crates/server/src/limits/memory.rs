//! The memory of large responses that are being sent. All accounts share it, up to a limit for each. Once it is used
//! up, the memory of a response that is received too slowly is revoked for another one.

use crate::error::ApiError;
use crate::lock::lock;
use parlour_protocol::UserId;
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, Instant};

/// The share of one account is the total divided by this. A single larger response is still sent, alone.
const ACCOUNT_SHARE: usize = 8;
/// How fast a response must be received so that it does not count as slow, in bytes per second after the first
/// second. Bytes in the system's buffers count as received, so more is expected in the first second.
const MIN_BYTES_PER_SECOND: f64 = 64.0 * 1024.0;
const INITIAL_BYTES: f64 = 256.0 * 1024.0;
const INITIAL_TIME: Duration = Duration::from_secs(1);
/// How long an account that has used up its share should wait before it retries.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// The memory, and the responses that use it.
pub struct Memory(Mutex<State>);

#[derive(Default)]
struct State {
    total_kib: usize,
    next_id: u64,
    used_kib: usize,
    kib_by_account: HashMap<UserId, usize>,
    responses: HashMap<u64, Response>,
}

/// A response that is being sent.
struct Response {
    user: UserId,
    kib: usize,
    began: Instant,
    progress: Arc<Progress>,
}

#[derive(Default)]
struct Progress {
    received_bytes: AtomicU64,
    is_revoked: AtomicBool,
    revoke: OnceLock<Box<dyn Fn() + Send + Sync>>,
}

impl Progress {
    fn revoke(&self) {
        self.is_revoked.store(true, Ordering::SeqCst);
        if let Some(revoke) = self.revoke.get() {
            revoke();
        }
    }
}

/// The memory of a large response, released on drop.
#[derive(Clone)]
pub struct ResponsePermit(Arc<Permit>);

struct Permit {
    memory: Arc<Memory>,
    id: u64,
    progress: Arc<Progress>,
}

impl Drop for Permit {
    fn drop(&mut self) {
        lock(&self.memory.0).remove(self.id);
    }
}

impl ResponsePermit {
    /// Records that the peer has received more bytes.
    pub fn record_received(&self, bytes: usize) {
        self.0.progress.received_bytes.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    /// Sets the function to call if the memory is revoked. It is called at once if that has already happened.
    pub fn on_revoked(&self, revoke: impl Fn() + Send + Sync + 'static) {
        let progress = &self.0.progress;
        let is_first = progress.revoke.set(Box::new(revoke)).is_ok();
        if is_first && progress.is_revoked.load(Ordering::SeqCst) {
            progress.revoke();
        }
    }
}

impl Memory {
    /// Creates a memory of `bytes` bytes for all accounts.
    pub fn new(bytes: usize) -> Self {
        Self(Mutex::new(State { total_kib: bytes / 1024, ..State::default() }))
    }

    /// Reserves memory for a response of `bytes` bytes. If the account or all accounts together have none left, the
    /// memory of slow responses is revoked, starting with the account that uses most; then that of a response of an
    /// account that uses more than this one will.
    ///
    /// # Errors
    /// Fails if no memory can be revoked.
    pub fn reserve(
        self: &Arc<Self>,
        user: UserId,
        bytes: usize,
        now: Instant,
    ) -> Result<ResponsePermit, ApiError> {
        let mut revoked = Vec::new();
        let mut state = lock(&self.0);
        let kib = bytes.div_ceil(1024).min(state.total_kib);
        let freed = state.free_memory(user, kib, now, &mut revoked);
        let progress = Arc::new(Progress::default());
        let permit = freed.map(|()| {
            state.next_id += 1;
            let id = state.next_id;
            state.add(id, Response { user, kib, began: now, progress: progress.clone() });
            ResponsePermit(Arc::new(Permit { memory: self.clone(), id, progress }))
        });
        drop(state);
        revoked.iter().for_each(|revoked| revoked.revoke());
        permit
    }

    /// Revokes the memory of the account's slowest response, if any is slow.
    pub fn revoke_slow(&self, user: UserId, now: Instant) {
        let mut state = lock(&self.0);
        let slow = state.slow(Some(user), now).and_then(|id| state.remove(id));
        drop(state);
        if let Some(slow) = slow {
            slow.revoke();
        }
    }
}

impl State {
    fn used_by(&self, user: UserId) -> usize {
        self.kib_by_account.get(&user).copied().unwrap_or(0)
    }

    fn add(&mut self, id: u64, response: Response) {
        self.used_kib += response.kib;
        *self.kib_by_account.entry(response.user).or_default() += response.kib;
        self.responses.insert(id, response);
    }

    fn remove(&mut self, id: u64) -> Option<Arc<Progress>> {
        let response = self.responses.remove(&id)?;
        self.used_kib -= response.kib;
        let remaining = self.used_by(response.user) - response.kib;
        if remaining == 0 {
            self.kib_by_account.remove(&response.user);
        } else {
            self.kib_by_account.insert(response.user, remaining);
        }
        Some(response.progress)
    }

    fn free_memory(
        &mut self,
        user: UserId,
        kib: usize,
        now: Instant,
        revoked: &mut Vec<Arc<Progress>>,
    ) -> Result<(), ApiError> {
        while self.used_by(user) > 0 && self.used_by(user) + kib > self.total_kib / ACCOUNT_SHARE {
            let slow = self.slow(Some(user), now);
            let slow = slow.ok_or_else(|| ApiError::rate_limited(RETRY_AFTER))?;
            revoked.extend(self.remove(slow));
        }
        while self.used_kib + kib > self.total_kib {
            let slow =
                self.slow(None, now).or_else(|| self.newest_of_largest(self.used_by(user) + kib));
            let slow = slow.ok_or_else(ApiError::overloaded)?;
            revoked.extend(self.remove(slow));
        }
        Ok(())
    }

    /// Returns the oldest slow response of the account that uses most, or of `user`.
    fn slow(&self, user: Option<UserId>, now: Instant) -> Option<u64> {
        let is_candidate = |response: &Response| user.is_none_or(|user| user == response.user);
        let all = self
            .responses
            .iter()
            .filter(|(_, response)| is_candidate(response) && response.is_slow(now));
        let slow =
            all.max_by_key(|(_, response)| (self.used_by(response.user), now - response.began));
        slow.map(|(id, _)| *id)
    }

    /// Returns the newest response of the account that uses most, if that is more than `kib`.
    fn newest_of_largest(&self, kib: usize) -> Option<u64> {
        let (largest, kib_used) =
            self.kib_by_account.iter().max_by_key(|(_, kib_used)| **kib_used)?;
        let all = self.responses.iter().filter(|(_, response)| response.user == *largest);
        let newest = all.max_by_key(|(_, response)| response.began).filter(|_| *kib_used > kib);
        newest.map(|(id, _)| *id)
    }
}

impl Response {
    fn is_slow(&self, now: Instant) -> bool {
        let age = now.saturating_duration_since(self.began);
        let Some(later) = age.checked_sub(INITIAL_TIME) else { return false };
        let expected = INITIAL_BYTES + later.as_secs_f64() * MIN_BYTES_PER_SECOND;
        (self.progress.received_bytes.load(Ordering::Relaxed) as f64) < expected
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use parlour_protocol::ErrorCode;
    use std::sync::atomic::AtomicUsize;
    use uuid::Uuid;

    const PAGE: usize = 4 * 1024 * 1024;

    fn memory() -> Arc<Memory> {
        Arc::new(Memory::new(64 * PAGE))
    }

    fn user(n: usize) -> UserId {
        UserId(Uuid::from_u128(n as u128))
    }

    /// Reserves as many pages as an account may use.
    fn reserve_share(
        memory: &Arc<Memory>,
        n: usize,
        now: Instant,
        revocations: &Arc<AtomicUsize>,
    ) -> Vec<ResponsePermit> {
        let mut response = Vec::new();
        while let Ok(permit) = memory.reserve(user(n), PAGE, now) {
            let revocations = revocations.clone();
            permit.on_revoked(move || {
                revocations.fetch_add(1, Ordering::Relaxed);
            });
            response.push(permit);
        }
        response
    }

    #[test]
    fn unread_responses_do_not_block_other_accounts() {
        let (memory, revocations) = (memory(), Arc::default());
        let began = Instant::now();
        let mut response = Vec::new();
        for n in 1..=8 {
            let pages = reserve_share(&memory, n, began, &revocations);
            assert_eq!(pages.len(), 64 / ACCOUNT_SHARE, "an account gets its share");
            response.push(pages);
        }
        assert_eq!(lock(&memory.0).used_kib, 64 * PAGE / 1024);
        // None is slow yet, and still other accounts that use less get memory.
        for n in 100..120 {
            memory.reserve(user(n), PAGE, began).unwrap();
        }
        assert_eq!(revocations.load(Ordering::Relaxed), 1, "the memory was released each time");
        // Many accounts with a page each: none uses more than another.
        let later = began + INITIAL_TIME;
        for n in 200..264 {
            response.push(vec![memory.reserve(user(n), PAGE, later).unwrap()]);
        }
        assert_eq!(memory.reserve(user(1), PAGE, later).err().unwrap().code, ErrorCode::Overloaded);
        // A second later they are slow, except for the one that reads.
        response.last().unwrap()[0].record_received(PAGE / 2);
        let later = later + INITIAL_TIME;
        let mut pages = Vec::new();
        for n in 300..363 {
            pages.push(memory.reserve(user(n), PAGE, later).unwrap());
        }
        assert_eq!(
            memory.reserve(user(400), PAGE, later).err().unwrap().code,
            ErrorCode::Overloaded
        );
        drop((response, pages));
        let state = lock(&memory.0);
        assert!(
            state.used_kib == 0 && state.kib_by_account.is_empty() && state.responses.is_empty()
        );
    }

    #[test]
    fn an_accounts_slow_responses_are_revoked_for_its_new_ones() {
        let (memory, revocations) = (memory(), Arc::default());
        let began = Instant::now();
        let response = reserve_share(&memory, 1, began, &revocations);
        let refused = memory.reserve(user(1), PAGE, began).err().unwrap();
        assert_eq!(refused.code, ErrorCode::RateLimited);
        response.iter().skip(2).for_each(|permit| permit.record_received(PAGE));
        let later = began + 2 * INITIAL_TIME;
        let new: Vec<_> = (0..2).map(|_| memory.reserve(user(1), PAGE, later).unwrap()).collect();
        assert_eq!(revocations.load(Ordering::Relaxed), 2);
        assert_eq!(
            memory.reserve(user(1), PAGE, later).err().unwrap().code,
            ErrorCode::RateLimited
        );
        memory.revoke_slow(user(1), later + INITIAL_TIME);
        memory.revoke_slow(user(1), later + INITIAL_TIME);
        assert!(memory.reserve(user(1), PAGE, later).is_ok(), "the new ones were slow by then");
        drop((response, new));
        memory.reserve(user(1), usize::MAX, later).unwrap();
    }

    #[test]
    fn a_revocation_before_the_response_is_sent_takes_effect_then() {
        let (memory, revocations) = (memory(), Arc::<AtomicUsize>::default());
        let permit = memory.reserve(user(1), PAGE, Instant::now()).unwrap();
        memory.revoke_slow(user(1), Instant::now() + INITIAL_TIME);
        let counted = revocations.clone();
        permit.on_revoked(move || {
            counted.fetch_add(1, Ordering::Relaxed);
        });
        assert_eq!(revocations.load(Ordering::Relaxed), 1);
    }
}
