//! The client: signs in to accounts, opens and closes them. An open account is a [`Session`].

mod connect;
mod keychain_open;
mod lock;
mod new_key;
mod open;
pub(crate) mod options;
mod passphrase;
pub(crate) mod reach;
mod reopen;
mod revoke;
mod sign_in;
mod sign_out;
mod trust;
mod unlock;
mod verify;

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
use parlour_protocol::PictureId;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use tokio::sync::broadcast;

/// A client for one data folder, with any number of accounts.
pub struct Client {
    data: PathBuf,
    notices: Notices,
    registry: Registry,
    attempts: Attempts,
    locks: AccountLocks,
    prompts: Prompts,
    pins: Pins,
    /// Held while an account is added to a known server, and while the keys of servers without accounts are
    /// removed.
    pins_lock: tokio::sync::Mutex<()>,
    /// The server's picture from the invitation that was previewed last.
    invited: Mutex<Option<(PictureId, Vec<u8>)>>,
}

impl Client {
    /// Finds the accounts in the folder, which is created at the first sign-in. None of them is open yet:
    /// see [`Client::open_by_keychain`] and [`Client::unlock`]. [`Client::connect`] connects an account
    /// to its server.
    ///
    /// Requires a Tokio runtime with several threads.
    ///
    /// # Errors
    /// Fails if the folder cannot be read, or if the file with the servers' keys is damaged.
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
            pins_lock: tokio::sync::Mutex::default(),
            invited: Mutex::default(),
        })
    }

    /// Returns a receiver of the notices of every account from now on.
    pub fn notices(&self) -> broadcast::Receiver<(AccountId, Notice)> {
        self.notices.subscribe()
    }

    /// Returns the accounts that are open.
    pub fn sessions(&self) -> BTreeMap<AccountId, Arc<Session>> {
        self.registry.open()
    }

    /// Sets whether this device is idle; the servers are notified that the user is away.
    pub fn set_idle(&self, is_idle: bool) {
        self.sessions().values().for_each(|session| session.context.shared.set_idle(is_idle));
    }

    /// Returns the accounts that are not open, with the reasons.
    pub fn closed(&self) -> BTreeMap<AccountId, Closed> {
        self.registry.closed()
    }

    /// Returns the session of an account.
    ///
    /// # Errors
    /// Fails if the account is not open, or not on this computer.
    pub fn session_of(&self, id: &AccountId) -> Result<Arc<Session>> {
        self.registry.session_of(id)
    }

    /// Returns the session of the account that was shown last.
    ///
    /// # Errors
    /// Fails with [`Error::SignedOut`] if no account is open.
    pub fn session(&self) -> Result<Arc<Session>> {
        let sessions = self.sessions().into_values();
        sessions.rev().max_by_key(|session| session.shown_at()).ok_or(Error::SignedOut)
    }

    /// Returns whether a keychain is available. If not, the user chooses where the key is stored.
    pub async fn is_keychain_available(&self) -> bool {
        keychain::is_available().await
    }

    /// Checks the connection of every account, as [`Session::check_connection`] does.
    pub fn check_connection(&self) {
        self.sessions().values().for_each(|session| session.check_connection());
    }
}
