//! Opens accounts with their passphrase or recovery code.

use super::Client;
use crate::account_id::AccountId;
use crate::accounts::closed::Closed;
use crate::blocking::blocking;
use crate::error::{Error, Result};
use crate::keys::entry;
use crate::keys::envelope::KeyStorage;
use crate::keys::key_file::KeyFile;
use crate::token::Token;
use parlour_store::Key;
use zeroize::Zeroizing;

impl Client {
    /// Opens an account with its passphrase.
    ///
    /// # Errors
    /// Fails with [`Error::WrongPassphrase`]; with [`Error::TooManyAttempts`] after several wrong ones.
    pub async fn unlock(&self, id: &AccountId, passphrase: &str) -> Result<()> {
        let _lock = self.locks.lock(id).await;
        let passphrase = Zeroizing::new(passphrase.to_owned());
        self.open_with(id, move |key_file| key_file.unwrap_by_passphrase(&passphrase)).await
    }

    /// Opens an account with its recovery code, whatever happened to the keychain. If the key was
    /// stored in the keychain, it is stored there again.
    ///
    /// # Errors
    /// Same as [`Client::unlock`].
    pub async fn recover(&self, id: &AccountId, code: &str) -> Result<()> {
        let _lock = self.locks.lock(id).await;
        let code = Zeroizing::new(code.to_owned());
        self.open_with(id, move |key_file| key_file.unwrap_by_recovery(&code)).await?;
        let session = self.session_of(id)?;
        let key_file = KeyFile::open(&id.folder(&self.data))?;
        let is_in_keychain =
            key_file.is_some_and(|key_file| key_file.key_storage() == KeyStorage::Keychain);
        if let Some(key) = session.context.store.key().filter(|_| is_in_keychain) {
            entry::save(&self.data, id, &key, None).await?;
        }
        Ok(())
    }

    /// Opens an account with the key that `open` returns.
    async fn open_with(
        &self,
        id: &AccountId,
        open: impl FnOnce(&mut KeyFile) -> Result<Key> + Send + 'static,
    ) -> Result<()> {
        match self.closed().get(id) {
            Some(reason @ Closed::Revoked { .. }) => return Err(reason.error()),
            Some(_) => {}
            // Another call opened it first.
            None => return self.session_of(id).map(drop),
        }
        let (key, token) = self.try_key(id, open).await?;
        self.open_files(id, &key, None, token).map(drop)
    }

    /// Returns the key that a secret opens, and the token stored with it. Wrong secrets delay the
    /// next attempts.
    pub(super) async fn try_key(
        &self,
        id: &AccountId,
        open: impl FnOnce(&mut KeyFile) -> Result<Key> + Send + 'static,
    ) -> Result<(Key, Option<Token>)> {
        self.attempts.check(id)?;
        let folder = id.folder(&self.data);
        let mut key_file = KeyFile::open(&folder)?.ok_or(Error::WrongPassphrase)?;
        let tried =
            blocking(move || open(&mut key_file).map(|key| (key_file.token(&key), key))).await;
        if matches!(tried, Ok(_) | Err(Error::WrongPassphrase)) {
            self.attempts.record(id, tried.is_ok());
        }
        let (token, key) = tried?;
        Ok((key, token.map(|token| Token::new(token.to_string()))))
    }
}
