//! One lock per account, held by each operation that opens, locks, signs out or otherwise changes it: of two
//! concurrent sign-ins, the second one finds what the first one created.

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
        self.lock_of(id).lock_owned().await
    }

    /// Same as [`Self::lock`], but returns `None` if the lock is held already.
    pub fn try_lock(&self, id: &AccountId) -> Option<OwnedMutexGuard<()>> {
        self.lock_of(id).try_lock_owned().ok()
    }

    fn lock_of(&self, id: &AccountId) -> Arc<tokio::sync::Mutex<()>> {
        let mut locks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        locks.entry(id.clone()).or_default().clone()
    }
}
