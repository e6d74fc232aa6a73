//! Opens the files of accounts, and marks accounts as closed.

use super::Client;
use crate::account_id::AccountId;
use crate::accounts::closed::Closed;
use crate::accounts::disk;
use crate::accounts::registry::AccountState;
use crate::clock::SystemClock;
use crate::error::{Error, Result};
use crate::keys::key_file::KeyFile;
use crate::notice::Notice;
use crate::session::Session;
use crate::status::Revocation;
use crate::token::Token;
use parlour_store::{Account, Key, Store};
use std::sync::Arc;

impl Client {
    /// Opens an account's files with their key and registers the account as open, without connecting it.
    ///
    /// # Errors
    /// Fails with [`Error::Revoked`], among others, if the files say that the session was ended remotely
    /// and the user has not signed in again, whatever `key.json` contains.
    pub(super) fn open_files(
        &self,
        id: &AccountId,
        key: &Key,
        account: Option<&Account>,
        token: Option<Token>,
    ) -> Result<Arc<Session>> {
        let folder = id.folder(&self.data);
        let store = Store::open(&folder, key, account)?.ok_or(Error::SignedOut)?;
        if store.is_revoked()? {
            drop(store);
            self.restore_revocation(id)?;
            self.close(id, disk::closed(&folder));
            return Err(Error::Revoked);
        }
        self.register_open(id, store, token)
    }

    /// Registers an account as open, without connecting it.
    pub(super) fn register_open(
        &self,
        id: &AccountId,
        store: Store,
        token: Option<Token>,
    ) -> Result<Arc<Session>> {
        let notices = self.notices.for_account(id.clone());
        let server = store.account()?.server;
        if let Err(error) = self.pins.add_account(&server, id) {
            tracing::warn!(%error, "how the server is trusted could not be stored");
        }
        let tls = self.pins.tls(&server);
        let (session, _) = Session::with_tls(tls, Arc::new(store), notices, Arc::new(SystemClock))?;
        session.context.token.set(token);
        if let Err(error) = session.resume_deletions() {
            tracing::warn!(%error, "the pending deletions are not carried out yet");
        }
        let session = Arc::new(session);
        self.registry.set(id.clone(), AccountState::Open(session.clone()));
        session.context.notices.send(Notice::Status);
        Ok(session)
    }

    /// Returns the key file of an account on this computer.
    pub(super) fn key_file(&self, id: &AccountId) -> Result<KeyFile> {
        KeyFile::open(&id.folder(&self.data))?.ok_or(Error::SignedOut)
    }

    /// Marks an account as closed, with the reason.
    pub(super) fn close(&self, id: &AccountId, reason: Closed) {
        self.registry.set(id.clone(), AccountState::Closed(reason));
        self.notices.for_account(id.clone()).send(Notice::Status);
    }

    /// Writes a revocation to `key.json` again, if it was removed there.
    fn restore_revocation(&self, id: &AccountId) -> Result<()> {
        let Some(mut key_file) = KeyFile::open(&id.folder(&self.data))? else { return Ok(()) };
        match key_file.revoked() {
            Some(_) => Ok(()),
            None => key_file.set_revoked(Some(Revocation { wipe: false }), None),
        }
    }
}
