//! The passphrase and the recovery code of an open account.

use super::Client;
use crate::account_id::AccountId;
use crate::blocking::blocking;
use crate::error::{Error, Result};
use crate::keys::envelope::KeyStorage;
use crate::keys::{entry, keychain, passphrase as rules};
use crate::token::Token;
use zeroize::Zeroizing;

impl Client {
    /// Protects an open account's key with a passphrase, replacing the keychain or an earlier
    /// passphrase. For `secret` see [`Client::make_recovery_code`].
    ///
    /// # Errors
    /// Fails if the passphrase is too short or too long, or if `secret` is wrong.
    pub async fn set_passphrase(
        &self,
        id: &AccountId,
        passphrase: &str,
        secret: &str,
    ) -> Result<()> {
        rules::check(passphrase)?;
        let _lock = self.locks.lock(id).await;
        self.verify_secret(id, secret).await?;
        let session = self.session_of(id)?;
        let key = session.context.store.key().ok_or(Error::SignedOut)?;
        let token = session.context.token.get();
        let mut key_file = self.key_file(id)?;
        let passphrase = Zeroizing::new(passphrase.to_owned());
        blocking(move || {
            key_file.protect_by_passphrase(&key, &passphrase, token.as_ref().map(Token::expose))
        })
        .await?;
        // From here on only the passphrase opens the account. Without a keychain there is no entry
        // to delete.
        match entry::delete(&self.data, id).await {
            Err(error) if keychain::is_available().await => Err(error),
            _ => Ok(()),
        }
    }

    /// Stores an open account's key in the keychain again. For `secret` see
    /// [`Client::make_recovery_code`].
    ///
    /// # Errors
    /// Fails if `secret` is wrong, or if the keychain does not store the key.
    pub async fn remove_passphrase(&self, id: &AccountId, secret: &str) -> Result<()> {
        let _lock = self.locks.lock(id).await;
        self.verify_secret(id, secret).await?;
        let session = self.session_of(id)?;
        let key = session.context.store.key().ok_or(Error::SignedOut)?;
        let token = session.context.token.get();
        entry::save(&self.data, id, &key, token.as_ref()).await?;
        self.key_file(id)?.set_key_storage(KeyStorage::Keychain)
    }

    /// Returns whether a passphrase opens an account.
    pub fn has_passphrase(&self, id: &AccountId) -> Result<bool> {
        Ok(self.key_file(id)?.key_storage() == KeyStorage::Passphrase)
    }

    /// Creates a code that opens an account without keychain or passphrase, replacing an earlier
    /// code. The code is returned only this once.
    ///
    /// That the account is open is not enough: `secret` must be given, which is the passphrase if
    /// there is one (this needs no network), or else the password of the account, which its server
    /// checks.
    ///
    /// # Errors
    /// Fails if `secret` is wrong; with [`Error::TooManyAttempts`] after several wrong ones.
    pub async fn make_recovery_code(
        &self,
        id: &AccountId,
        secret: &str,
    ) -> Result<Zeroizing<String>> {
        let _lock = self.locks.lock(id).await;
        self.verify_secret(id, secret).await?;
        let session = self.session_of(id)?;
        let key = session.context.store.key().ok_or(Error::SignedOut)?;
        let mut key_file = self.key_file(id)?;
        blocking(move || key_file.make_recovery(&key)).await
    }
}
