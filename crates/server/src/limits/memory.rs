//! The memory of large responses on their way. All accounts share it; each has a share at most, and whoever takes
//! a response too slowly loses it to others once there is none left.

use crate::error::ApiError;
use crate::lock::lock;
use parlour_protocol::UserId;
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, Instant};

/// Which part of the memory is for one account. A response that is larger by itself is still sent, alone.
const OF_ACCOUNT: usize = 8;
/// How fast a response has to be taken so that it is not slow, in bytes per second after the first second. What
/// the system buffers of it counts as taken, so that much more is expected at first.
const BYTES_A_SECOND: f64 = 64.0 * 1024.0;
const AT_FIRST_BYTES: f64 = 256.0 * 1024.0;
const AT_FIRST: Duration = Duration::from_secs(1);
/// How long an account that has its share should wait before it asks for more.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// The memory, and who has it.
pub struct Memory(Mutex<State>);

#[derive(Default)]
struct State {
    all_kib: usize,
    next: u64,
    used_kib: usize,
    of_account: HashMap<UserId, usize>,
    responses: HashMap<u64, Held>,
}

/// A response on its way.
struct Held {
    user: UserId,
    kib: usize,
    began: Instant,
    progress: Arc<Progress>,
}

#[derive(Default)]
struct Progress {
    taken_bytes: AtomicU64,
    is_cut: AtomicBool,
    cut: OnceLock<Box<dyn Fn() + Send + Sync>>,
}

impl Progress {
    fn cut(&self) {
        self.is_cut.store(true, Ordering::SeqCst);
        if let Some(cut) = self.cut.get() {
            cut();
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
    /// Notes that the peer has taken so many bytes more.
    pub fn note_taken(&self, bytes: usize) {
        self.0.progress.taken_bytes.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    /// Sets what is done if the response loses its memory. Called at once if that has happened already.
    pub fn on_cut(&self, cut: impl Fn() + Send + Sync + 'static) {
        let progress = &self.0.progress;
        let is_first = progress.cut.set(Box::new(cut)).is_ok();
        if is_first && progress.is_cut.load(Ordering::SeqCst) {
            progress.cut();
        }
    }
}

impl Memory {
    /// Creates it with `bytes` bytes for all accounts.
    pub fn new(bytes: usize) -> Self {
        Self(Mutex::new(State { all_kib: bytes / 1024, ..State::default() }))
    }

    /// Takes memory for a response of `bytes` bytes. If the account or all accounts together have none left,
    /// responses that are taken slowly lose theirs, those of whoever has most first; then a response of whoever
    /// has more than this account will have.
    ///
    /// # Errors
    /// Fails if nobody has to give any up.
    pub fn take(
        self: &Arc<Self>,
        user: UserId,
        bytes: usize,
        now: Instant,
    ) -> Result<ResponsePermit, ApiError> {
        let mut lost = Vec::new();
        let mut state = lock(&self.0);
        let kib = bytes.div_ceil(1024).min(state.all_kib);
        let taken = state.make_room(user, kib, now, &mut lost);
        let progress = Arc::new(Progress::default());
        let permit = taken.map(|()| {
            state.next += 1;
            let id = state.next;
            state.add(id, Held { user, kib, began: now, progress: progress.clone() });
            ResponsePermit(Arc::new(Permit { memory: self.clone(), id, progress }))
        });
        drop(state);
        lost.iter().for_each(|lost| lost.cut());
        permit
    }

    /// Cuts the slowest of the account's own responses, if any is slow.
    pub fn cut_slow(&self, user: UserId, now: Instant) {
        let mut state = lock(&self.0);
        let slow = state.slow(Some(user), now).and_then(|id| state.remove(id));
        drop(state);
        if let Some(slow) = slow {
            slow.cut();
        }
    }
}

impl State {
    fn of(&self, user: UserId) -> usize {
        self.of_account.get(&user).copied().unwrap_or(0)
    }

    fn add(&mut self, id: u64, held: Held) {
        self.used_kib += held.kib;
        *self.of_account.entry(held.user).or_default() += held.kib;
        self.responses.insert(id, held);
    }

    fn remove(&mut self, id: u64) -> Option<Arc<Progress>> {
        let held = self.responses.remove(&id)?;
        self.used_kib -= held.kib;
        let left = self.of(held.user) - held.kib;
        if left == 0 {
            self.of_account.remove(&held.user);
        } else {
            self.of_account.insert(held.user, left);
        }
        Some(held.progress)
    }

    fn make_room(
        &mut self,
        user: UserId,
        kib: usize,
        now: Instant,
        lost: &mut Vec<Arc<Progress>>,
    ) -> Result<(), ApiError> {
        while self.of(user) > 0 && self.of(user) + kib > self.all_kib / OF_ACCOUNT {
            let slow = self.slow(Some(user), now);
            let slow = slow.ok_or_else(|| ApiError::rate_limited(RETRY_AFTER))?;
            lost.extend(self.remove(slow));
        }
        while self.used_kib + kib > self.all_kib {
            let slow = self.slow(None, now).or_else(|| self.of_richer(self.of(user) + kib));
            let slow = slow.ok_or_else(ApiError::overloaded)?;
            lost.extend(self.remove(slow));
        }
        Ok(())
    }

    /// Returns the oldest slow response of the account that has most, or of `user`.
    fn slow(&self, user: Option<UserId>, now: Instant) -> Option<u64> {
        let is_meant = |held: &Held| user.is_none_or(|user| user == held.user);
        let all = self.responses.iter().filter(|(_, held)| is_meant(held) && held.is_slow(now));
        let slow = all.max_by_key(|(_, held)| (self.of(held.user), now - held.began));
        slow.map(|(id, _)| *id)
    }

    /// Returns the newest response of the account that has most, if that is more than `kib`.
    fn of_richer(&self, kib: usize) -> Option<u64> {
        let (richest, has) = self.of_account.iter().max_by_key(|(_, has)| **has)?;
        let all = self.responses.iter().filter(|(_, held)| held.user == *richest);
        let newest = all.max_by_key(|(_, held)| held.began).filter(|_| *has > kib);
        newest.map(|(id, _)| *id)
    }
}

impl Held {
    fn is_slow(&self, now: Instant) -> bool {
        let age = now.saturating_duration_since(self.began);
        let Some(later) = age.checked_sub(AT_FIRST) else { return false };
        let expected = AT_FIRST_BYTES + later.as_secs_f64() * BYTES_A_SECOND;
        (self.progress.taken_bytes.load(Ordering::Relaxed) as f64) < expected
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

    /// Takes as many pages as an account may have.
    fn hold(
        memory: &Arc<Memory>,
        n: usize,
        now: Instant,
        cuts: &Arc<AtomicUsize>,
    ) -> Vec<ResponsePermit> {
        let mut held = Vec::new();
        while let Ok(permit) = memory.take(user(n), PAGE, now) {
            let cuts = cuts.clone();
            permit.on_cut(move || {
                cuts.fetch_add(1, Ordering::Relaxed);
            });
            held.push(permit);
        }
        held
    }

    #[test]
    fn however_many_hold_what_they_do_not_read_others_get_theirs_at_once_and_again() {
        let (memory, cuts) = (memory(), Arc::default());
        let began = Instant::now();
        let mut held = Vec::new();
        for n in 1..=8 {
            let pages = hold(&memory, n, began, &cuts);
            assert_eq!(pages.len(), 64 / OF_ACCOUNT, "a share, and no more");
            held.push(pages);
        }
        assert_eq!(lock(&memory.0).used_kib, 64 * PAGE / 1024);
        // None is slow yet, and still somebody else gets what is less than theirs.
        for n in 100..120 {
            memory.take(user(n), PAGE, began).unwrap();
        }
        assert_eq!(cuts.load(Ordering::Relaxed), 1, "the memory was given back each time");
        // Many accounts with a page each: none has more than another.
        let later = began + AT_FIRST;
        for n in 200..264 {
            held.push(vec![memory.take(user(n), PAGE, later).unwrap()]);
        }
        assert_eq!(memory.take(user(1), PAGE, later).err().unwrap().code, ErrorCode::Overloaded);
        // A second later they are slow, except for whoever reads.
        held.last().unwrap()[0].note_taken(PAGE / 2);
        let later = later + AT_FIRST;
        let mut pages = Vec::new();
        for n in 300..363 {
            pages.push(memory.take(user(n), PAGE, later).unwrap());
        }
        assert_eq!(memory.take(user(400), PAGE, later).err().unwrap().code, ErrorCode::Overloaded);
        drop((held, pages));
        let state = lock(&memory.0);
        assert!(state.used_kib == 0 && state.of_account.is_empty() && state.responses.is_empty());
    }

    #[test]
    fn an_accounts_own_slow_responses_make_room_for_its_new_ones() {
        let (memory, cuts) = (memory(), Arc::default());
        let began = Instant::now();
        let held = hold(&memory, 1, began, &cuts);
        let refused = memory.take(user(1), PAGE, began).err().unwrap();
        assert_eq!(refused.code, ErrorCode::Rate);
        held.iter().skip(2).for_each(|permit| permit.note_taken(PAGE));
        let later = began + 2 * AT_FIRST;
        let new: Vec<_> = (0..2).map(|_| memory.take(user(1), PAGE, later).unwrap()).collect();
        assert_eq!(cuts.load(Ordering::Relaxed), 2);
        assert_eq!(memory.take(user(1), PAGE, later).err().unwrap().code, ErrorCode::Rate);
        memory.cut_slow(user(1), later + AT_FIRST);
        memory.cut_slow(user(1), later + AT_FIRST);
        assert!(memory.take(user(1), PAGE, later).is_ok(), "the new ones were slow by then");
        drop((held, new));
        memory.take(user(1), usize::MAX, later).unwrap();
    }

    #[test]
    fn a_response_that_lost_its_memory_before_it_was_sent_is_cut_then() {
        let (memory, cuts) = (memory(), Arc::<AtomicUsize>::default());
        let permit = memory.take(user(1), PAGE, Instant::now()).unwrap();
        memory.cut_slow(user(1), Instant::now() + AT_FIRST);
        let counted = cuts.clone();
        permit.on_cut(move || {
            counted.fetch_add(1, Ordering::Relaxed);
        });
        assert_eq!(cuts.load(Ordering::Relaxed), 1);
    }
}
