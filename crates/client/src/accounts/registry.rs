//! The accounts of this computer while the program runs: the open ones, and the reasons why the
//! others are not open.

use super::closed::Closed;
use crate::account_id::AccountId;
use crate::blocking::blocking;
use crate::error::{Error, Result};
use crate::notice::Notice;
use crate::session::Session;
use parlour_store::Folder;
use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock, Weak};

/// An account, open or not.
#[derive(Clone)]
pub(crate) enum AccountState {
    /// The account can be read.
    Open(Arc<Session>),
    /// The account cannot be read, for this reason.
    Closed(Closed),
}

type Accounts = RwLock<BTreeMap<AccountId, AccountState>>;

/// Every account of a data folder; clones share them.
#[derive(Clone)]
pub(crate) struct Registry(Arc<Accounts>);

impl Registry {
    /// Creates a registry of accounts, none of which is open yet.
    pub fn new(closed: BTreeMap<AccountId, Closed>) -> Self {
        let accounts = closed.into_iter().map(|(id, reason)| (id, AccountState::Closed(reason)));
        Self(Arc::new(RwLock::new(accounts.collect())))
    }

    /// Returns a reference that does not keep the accounts alive.
    pub fn downgrade(&self) -> Weak<Accounts> {
        Arc::downgrade(&self.0)
    }

    /// Reverses [`Registry::downgrade`]; returns `None` if the accounts no longer exist.
    pub fn upgrade(weak: &Weak<Accounts>) -> Option<Self> {
        weak.upgrade().map(Self)
    }

    fn all(&self) -> BTreeMap<AccountId, AccountState> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Returns the accounts that are open.
    pub fn open(&self) -> BTreeMap<AccountId, Arc<Session>> {
        let open = |(id, state)| {
            if let AccountState::Open(session) = state { Some((id, session)) } else { None }
        };
        self.all().into_iter().filter_map(open).collect()
    }

    /// Returns the accounts that are not open, with the reasons.
    pub fn closed(&self) -> BTreeMap<AccountId, Closed> {
        let closed = |(id, state)| {
            if let AccountState::Closed(reason) = state { Some((id, reason)) } else { None }
        };
        self.all().into_iter().filter_map(closed).collect()
    }

    /// Returns the session of an account; fails if it is not open.
    pub fn session_of(&self, id: &AccountId) -> Result<Arc<Session>> {
        match self.all().remove(id) {
            Some(AccountState::Open(session)) => Ok(session),
            Some(AccountState::Closed(reason)) => Err(reason.error()),
            None => Err(Error::SignedOut),
        }
    }

    /// Adds an account, or changes whether it is open.
    pub fn set(&self, id: AccountId, state: AccountState) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).insert(id, state);
    }

    /// Replaces the earlier session of the same account, unless that account is no longer open;
    /// returns whether it did.
    pub fn renew(&self, session: &Arc<Session>) -> bool {
        let mut accounts = self.0.write().unwrap_or_else(PoisonError::into_inner);
        match accounts.get_mut(session.id()) {
            Some(state @ AccountState::Open(_)) => {
                *state = AccountState::Open(session.clone());
                true
            }
            _ => false,
        }
    }

    /// Removes an account.
    pub fn remove(&self, id: &AccountId) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).remove(id);
    }

    /// Stops the tasks of an open account and closes its files even if they are in use; returns
    /// their folder.
    ///
    /// # Errors
    /// Fails if the account is not open, or if a user of the files did not stop in time.
    pub async fn shut_down(&self, id: &AccountId, reason: Closed) -> Result<Folder> {
        let session = self.session_of(id)?;
        session.end();
        session.context.token.set(None);
        self.set(id.clone(), AccountState::Closed(reason));
        let (store, notices) = (session.context.store.clone(), session.context.notices.clone());
        drop(session);
        let closed = blocking(move || store.close()).await;
        notices.send(Notice::Status);
        Ok(closed?)
    }
}
