//! The passphrase and the recovery code of an account that is open.

use super::Client;
use crate::account_id::AccountId;
use crate::blocking::blocking;
use crate::error::{Error, Result};
use crate::keys::envelope::KeptBy;
use crate::keys::{entry, keychain, passphrase as rules};
use crate::token::Token;
use zeroize::Zeroizing;

impl Client {
    /// Lets a passphrase keep an open account's key, in the place of the keychain or of an earlier one. For
    /// `secret` see [`Client::make_recovery_code`].
    ///
    /// # Errors
    /// The passphrase is too short, or the secret is not the right one.
    pub async fn set_passphrase(
        &self,
        id: &AccountId,
        passphrase: &str,
        secret: &str,
    ) -> Result<()> {
        rules::check(passphrase)?;
        let _lock = self.locks.lock(id).await;
        self.prove(id, secret).await?;
        let session = self.session_of(id)?;
        let key = session.context.store.key().ok_or(Error::SignedOut)?;
        let token = session.context.token.get();
        let mut vault = self.vault(id)?;
        let passphrase = Zeroizing::new(passphrase.to_owned());
        blocking(move || {
            vault.keep_by_passphrase(&key, &passphrase, token.as_ref().map(Token::expose))
        })
        .await?;
        // From here on nothing but the passphrase opens it. Where there is no keychain there is no item.
        match entry::delete(&self.data, id).await {
            Err(error) if keychain::is_available().await => Err(error),
            _ => Ok(()),
        }
    }

    /// Lets the keychain keep an open account's key again. For `secret` see [`Client::make_recovery_code`].
    ///
    /// # Errors
    /// The secret is not the right one, or the keychain does not take the key.
    pub async fn remove_passphrase(&self, id: &AccountId, secret: &str) -> Result<()> {
        let _lock = self.locks.lock(id).await;
        self.prove(id, secret).await?;
        let session = self.session_of(id)?;
        let key = session.context.store.key().ok_or(Error::SignedOut)?;
        let token = session.context.token.get();
        entry::save(&self.data, id, &key, token.as_ref()).await?;
        self.vault(id)?.keep_by(KeptBy::Keychain)
    }

    /// Whether a passphrase opens an account.
    pub fn has_passphrase(&self, id: &AccountId) -> Result<bool> {
        Ok(self.vault(id)?.kept_by() == KeptBy::Passphrase)
    }

    /// Makes a code that opens an account without keychain or passphrase, in the place of an earlier one.
    /// It is told this once.
    ///
    /// An open window is not enough for that: `secret` is the passphrase where there is one, which needs no
    /// network, and else the password of the account, which its server is asked about.
    ///
    /// # Errors
    /// The secret is not the right one; [`Error::TooManyAttempts`] after several of them.
    pub async fn make_recovery_code(
        &self,
        id: &AccountId,
        secret: &str,
    ) -> Result<Zeroizing<String>> {
        let _lock = self.locks.lock(id).await;
        self.prove(id, secret).await?;
        let session = self.session_of(id)?;
        let key = session.context.store.key().ok_or(Error::SignedOut)?;
        let mut vault = self.vault(id)?;
        blocking(move || vault.make_recovery(&key)).await
    }
}
