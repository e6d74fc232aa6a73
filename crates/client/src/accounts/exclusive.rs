//! Whoever opens, locks, leaves or otherwise changes an account holds its lock for that time: of two who
//! sign in at once, the second finds what the first one made.

use crate::account_id::AccountId;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::OwnedMutexGuard;

/// One lock for each account; clones share them.
#[derive(Clone, Default)]
pub(crate) struct AccountLocks(Arc<Mutex<BTreeMap<AccountId, Arc<tokio::sync::Mutex<()>>>>>);

impl AccountLocks {
    /// Waits for an account's lock, which is held until the guard is dropped.
    pub async fn lock(&self, id: &AccountId) -> OwnedMutexGuard<()> {
        self.of(id).lock_owned().await
    }

    /// The same, if nobody else holds it.
    pub fn try_lock(&self, id: &AccountId) -> Option<OwnedMutexGuard<()>> {
        self.of(id).try_lock_owned().ok()
    }

    fn of(&self, id: &AccountId) -> Arc<tokio::sync::Mutex<()>> {
        let mut locks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        locks.entry(id.clone()).or_default().clone()
    }
}
