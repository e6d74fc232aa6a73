//! The client: from "nobody is signed in" to running [`Session`]s and back.

mod connect;
mod keychain_open;
mod lock;
mod new_key;
mod open;
pub(crate) mod options;
mod passphrase;
mod prove;
pub(crate) mod reach;
mod reopen;
mod revoke;
mod sign_in;
mod sign_out;
mod trust;
mod unlock;

use crate::account_id::AccountId;
use crate::accounts::closed::Closed;
use crate::accounts::disk;
use crate::accounts::exclusive::AccountLocks;
use crate::accounts::registry::Registry;
use crate::error::{Error, Result};
use crate::keys::attempts::Attempts;
use crate::keys::keychain;
use crate::keys::prompts::Prompts;
use crate::notice::{Notice, Notices};
use crate::pins::Pins;
use crate::session::Session;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::sync::broadcast;

/// A client over one folder, with as many accounts as its user has.
pub struct Client {
    data: PathBuf,
    notices: Notices,
    registry: Registry,
    attempts: Attempts,
    locks: AccountLocks,
    prompts: Prompts,
    pins: Pins,
    /// Held while an account begins to trust a server, and while the last one ends to.
    trusting: tokio::sync::Mutex<()>,
}

impl Client {
    /// Finds the accounts in the folder, which is made when the first one signs in. None of them is open
    /// yet: see [`Client::open_by_keychain`] and [`Client::unlock`]; [`Client::connect`] takes one
    /// online.
    ///
    /// Needs a Tokio runtime of several threads.
    ///
    /// # Errors
    /// The folder cannot be read, or what it knows of servers' keys is damaged.
    pub fn open(data: &Path) -> Result<Self> {
        let registry = Registry::new(disk::find(data)?);
        let failed = |source| parlour_store::Error::Folder { path: data.to_owned(), source };
        let pins = Pins::open(data).map_err(failed)?;
        Ok(Self {
            data: data.to_owned(),
            notices: Notices::default(),
            registry,
            attempts: Attempts::default(),
            locks: AccountLocks::default(),
            prompts: Prompts::default(),
            pins,
            trusting: tokio::sync::Mutex::default(),
        })
    }

    /// The notices of every account from here on.
    pub fn notices(&self) -> broadcast::Receiver<(AccountId, Notice)> {
        self.notices.listen()
    }

    /// The accounts that are open.
    pub fn sessions(&self) -> BTreeMap<AccountId, Arc<Session>> {
        self.registry.open()
    }

    /// The accounts that are not, and why.
    pub fn closed(&self) -> BTreeMap<AccountId, Closed> {
        self.registry.closed()
    }

    /// The session of an account.
    ///
    /// # Errors
    /// The account is not open, or not here.
    pub fn session_of(&self, id: &AccountId) -> Result<Arc<Session>> {
        self.registry.session_of(id)
    }

    /// The session of the account that was shown last.
    ///
    /// # Errors
    /// [`Error::SignedOut`] if none is open.
    pub fn session(&self) -> Result<Arc<Session>> {
        let sessions = self.sessions().into_values();
        sessions.rev().max_by_key(|session| session.shown_at()).ok_or(Error::SignedOut)
    }

    /// Whether a keychain answers: else the user chooses what keeps the key.
    pub async fn is_keychain_there(&self) -> bool {
        keychain::is_available().await
    }

    /// Checks every account's connection at once, as [`Session::check_connection`] does.
    pub fn check_connection(&self) {
        self.sessions().values().for_each(|session| session.check_connection());
    }
}
