//! Who opens, locks, leaves or otherwise changes an account has it to themselves for that time: of two who
//! sign in at once, the second finds what the first one made.

use crate::AccountId;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::OwnedMutexGuard;

/// A turn an account.
#[derive(Clone, Default)]
pub(crate) struct Turns(Arc<Mutex<BTreeMap<AccountId, Arc<tokio::sync::Mutex<()>>>>>);

impl Turns {
    /// Waits for one's turn, which lasts until this is let go.
    pub async fn of(&self, id: &AccountId) -> OwnedMutexGuard<()> {
        self.turn(id).lock_owned().await
    }

    /// The same, if it is nobody else's now.
    pub fn try_of(&self, id: &AccountId) -> Option<OwnedMutexGuard<()>> {
        self.turn(id).try_lock_owned().ok()
    }

    fn turn(&self, id: &AccountId) -> Arc<tokio::sync::Mutex<()>> {
        let mut turns = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        turns.entry(id.clone()).or_default().clone()
    }
}
