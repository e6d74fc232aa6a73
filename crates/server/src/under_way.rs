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
/// When to come back who had no turn.
const LATER: Duration = Duration::from_secs(5);

/// The accounts that ask for something now.
pub struct UnderWay {
    accounts: Mutex<HashMap<UserId, Account>>,
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
        Self { accounts: Mutex::default(), wait }
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
