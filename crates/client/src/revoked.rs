//! Sessions that somebody ended: what their device holds is closed until its user signs in again, and
//! the mirror is deleted where that was asked for. What waits for the server is kept, encrypted, in
//! either case: it exists nowhere else.

use crate::accounts::{self, AccountId, Closed, Slots};
use crate::client::{Client, Keep};
use crate::credentials::{self, Token};
use crate::driver::Revoked;
use crate::locks::shut;
use crate::session::Session;
use crate::vault::{KeptBy, Vault};
use crate::{Error, Result};
use parlour_store::{Account, Key};
use std::path::Path;
use std::sync::Arc;
use zeroize::Zeroizing;

/// Closes an account whose session was ended. That it is closed is on the disk before anything is closed
/// or deleted, so that no end of the program opens it again.
pub(crate) async fn close(
    data: &Path,
    slots: &Slots,
    session: Arc<Session>,
    revoked: Revoked,
) -> Result<()> {
    let (id, folder) = (session.id.clone(), accounts::folder(data, &session.id));
    let (key, account) = (session.parts.store.key(), session.account().ok());
    // Without a `key.json` there is nothing to note it in: that account asks for its password, as after the
    // end of its session's time.
    let Some((key, mut vault)) = key.zip(Vault::open(&folder)?) else { return Ok(()) };
    vault.set_revoked(Some(revoked))?;
    let kept_by = vault.kept_by();
    if kept_by == KeptBy::Keychain
        && let Err(error) = credentials::save(&id, &key, None).await
    {
        // It opens nothing any more.
        tracing::warn!(%error, "the ended session's token stays in the keychain");
    }
    drop(session);
    let why = Closed::Revoked {
        has_passphrase: kept_by == KeptBy::Passphrase,
        account,
        key: (kept_by == KeptBy::Run).then_some(key),
    };
    let store = shut(slots, &id, why).await?;
    if revoked.wipe { Ok(store.delete_mirror()?) } else { Ok(()) }
}

/// Deletes a mirror that was to be deleted when the program ended in between.
pub(crate) fn finish(folder: &Path) -> Result<()> {
    // A file that cannot be read is the matter of whoever opens the account.
    let vault = Vault::open(folder).ok().flatten();
    let is_due = vault.and_then(|vault| vault.revoked()).is_some_and(|revoked| revoked.wipe);
    if is_due { Ok(parlour_store::delete_mirror(folder)?) } else { Ok(()) }
}

impl Client {
    /// Opens an account again whose session was ended, for a new session of its user.
    pub(crate) async fn reopen(
        &self,
        id: &AccountId,
        account: &Account,
        token: &Token,
        keep: Keep,
    ) -> Result<Arc<Session>> {
        let key = self.key_of_revoked(id, keep).await?;
        let mut vault = self.vault(id)?;
        finish(&accounts::folder(&self.data, id))?;
        vault.set_revoked(None)?;
        let session = self.open_files(id, &key, Some(account), Some(token.clone()))?;
        self.keep_token(&session, token).await?;
        Ok(session)
    }

    async fn key_of_revoked(&self, id: &AccountId, keep: Keep) -> Result<Key> {
        let vault = self.vault(id)?;
        match (vault.kept_by(), keep) {
            (KeptBy::Run, _) => match self.closed().remove(id) {
                Some(Closed::Revoked { key: Some(key), .. }) => Ok(key),
                _ => Err(Error::KeyLost),
            },
            (KeptBy::Keychain, _) => match credentials::load(id).await? {
                Some(secret) if vault.is_of(&secret.key) => Ok(secret.key),
                _ => {
                    self.close(id, Closed::KeyLost { has_recovery: vault.has_recovery() });
                    Err(Error::KeyLost)
                }
            },
            (KeptBy::Passphrase, Keep::Passphrase { passphrase }) => {
                let secret = Zeroizing::new(passphrase);
                let open = move |vault: &Vault| match vault.by_passphrase(&secret) {
                    Err(Error::WrongPassphrase) => vault.by_recovery(&secret),
                    opened => opened,
                };
                self.guess_key(id, open).await.map(|(key, _)| key)
            }
            (KeptBy::Passphrase, _) => Err(Error::WrongPassphrase),
        }
    }
}
