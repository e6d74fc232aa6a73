//! What is under way for one account: so many requests at a time, from their begin until their answers
//! are taken. Further ones wait for their turn.

use crate::error::ApiError;
use parlour_protocol::UserId;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

/// Requests of one account at the same time: what its devices ask for at once, and a few more.
const OF_ACCOUNT: usize = 16;
/// KiB of large answers at the same time, of all accounts.
const LARGE_KIB: usize = 256 * 1024;
/// Bytes up to which an answer is not large.
const SMALL_BYTES: usize = 64 * 1024;
/// When to come back who had no turn.
const LATER: Duration = Duration::from_secs(5);

/// The accounts that ask for something now.
pub struct UnderWay {
    accounts: Mutex<HashMap<UserId, Account>>,
    /// What large answers may still weigh, in KiB.
    room: Arc<Semaphore>,
    /// How long one waits for its turn.
    wait: Duration,
}

struct Account {
    turns: Arc<Semaphore>,
    /// Who has a turn or waits for one.
    many: usize,
}

/// A request's turn, given up on drop.
pub struct Turn {
    /// Given back before the place is.
    _permit: OwnedSemaphorePermit,
    _place: Place,
}

/// The room that a large answer takes, given up on drop.
#[derive(Clone)]
pub struct Weight {
    _room: Arc<OwnedSemaphorePermit>,
}

/// Keeps an account in the map.
struct Place {
    under_way: Arc<UnderWay>,
    user: UserId,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut accounts = self.under_way.lock();
        if let Some(account) = accounts.get_mut(&self.user) {
            account.many -= 1;
            if account.many == 0 {
                accounts.remove(&self.user);
            }
        }
    }
}

impl UnderWay {
    /// Where one waits so long for a turn.
    pub fn new(wait: Duration) -> Self {
        Self { accounts: Mutex::default(), room: Arc::new(Semaphore::new(LARGE_KIB)), wait }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<UserId, Account>> {
        self.accounts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for an account's turn.
    ///
    /// # Errors
    /// It does not come soon: the account's readers are slow, or it asks for much.
    pub async fn turn(self: &Arc<Self>, user: UserId) -> Result<Turn, ApiError> {
        let (turns, place) = self.enter(user);
        let permit = match turns.clone().try_acquire_owned() {
            Ok(permit) => permit,
            Err(_) => match timeout(self.wait, turns.acquire_owned()).await {
                Ok(Ok(permit)) => permit,
                Ok(Err(_)) | Err(_) => return Err(ApiError::rate(LATER)),
            },
        };
        Ok(Turn { _permit: permit, _place: place })
    }

    /// Finds room for an answer of so many bytes, if it is large.
    ///
    /// # Errors
    /// There is none: all accounts together are slow to take what they asked for.
    pub fn weigh(&self, bytes: usize) -> Result<Option<Weight>, ApiError> {
        if bytes <= SMALL_BYTES {
            return Ok(None);
        }
        let kib = u32::try_from((bytes / 1024).min(LARGE_KIB)).unwrap_or(u32::MAX);
        let room = self.room.clone().try_acquire_many_owned(kib);
        room.map(|room| Some(Weight { _room: Arc::new(room) })).map_err(|_| ApiError::overloaded())
    }

    fn enter(self: &Arc<Self>, user: UserId) -> (Arc<Semaphore>, Place) {
        let mut accounts = self.lock();
        let new = || Account { turns: Arc::new(Semaphore::new(OF_ACCOUNT)), many: 0 };
        let account = accounts.entry(user).or_insert_with(new);
        account.many += 1;
        (account.turns.clone(), Place { under_way: self.clone(), user })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use parlour_protocol::ErrorCode;
    use uuid::Uuid;

    #[tokio::test]
    async fn an_account_has_so_many_turns_and_leaves_nothing_behind() {
        let under_way = Arc::new(UnderWay::new(Duration::ZERO));
        let (wren, oak) = (UserId(Uuid::from_u128(1)), UserId(Uuid::from_u128(2)));
        let mut turns = Vec::new();
        for _ in 0..OF_ACCOUNT {
            turns.push(under_way.turn(wren).await.unwrap());
        }
        let refused = under_way.turn(wren).await.err().unwrap();
        assert_eq!(refused.code, ErrorCode::Rate);
        drop(under_way.turn(oak).await.unwrap());
        turns.clear();
        assert!(under_way.lock().is_empty());
    }

    #[test]
    fn large_answers_have_so_much_room_together_and_small_ones_are_not_weighed() {
        let under_way = UnderWay::new(Duration::ZERO);
        let half = LARGE_KIB * 1024 / 2;
        let held = [under_way.weigh(half).unwrap(), under_way.weigh(half).unwrap()];
        assert_eq!(under_way.weigh(SMALL_BYTES + 1).err().unwrap().code, ErrorCode::Overloaded);
        assert!(under_way.weigh(SMALL_BYTES).unwrap().is_none());
        drop(held);
        under_way.weigh(usize::MAX).unwrap().unwrap();
    }

    #[tokio::test]
    async fn who_waits_gets_the_turn_that_is_given_up() {
        let under_way = Arc::new(UnderWay::new(Duration::from_secs(60)));
        let wren = UserId(Uuid::from_u128(1));
        let mut turns = Vec::new();
        for _ in 0..OF_ACCOUNT {
            turns.push(under_way.turn(wren).await.unwrap());
        }
        let giving_up = async { drop(turns.pop()) };
        let (next, ()) = tokio::join!(under_way.turn(wren), giving_up);
        drop((next.unwrap(), turns));
        assert!(under_way.lock().is_empty());
    }
}
