//! Opens accounts again whose sessions were ended.

use super::options::KeyStorageChoice;
use super::{Client, revoke};
use crate::account_id::AccountId;
use crate::accounts::closed::Closed;
use crate::error::{Error, Result};
use crate::keys::entry;
use crate::keys::envelope::KeyStorage;
use crate::keys::key_file::KeyFile;
use crate::session::Session;
use crate::token::Token;
use parlour_store::{Account, Folder, Key};
use std::sync::Arc;
use zeroize::Zeroizing;

impl Client {
    /// Opens an account again whose session was ended, with a new session of the same user.
    pub(super) async fn reopen(
        &self,
        id: &AccountId,
        account: &Account,
        token: &Token,
        key_storage: KeyStorageChoice,
    ) -> Result<Arc<Session>> {
        let mut key = self.key_of_revoked(id, key_storage).await?;
        if self.key_file(id)?.revoked().is_some_and(|revoked| revoked.wipe) {
            let folder = Folder::lock(&id.folder(&self.data))?;
            key = revoke::wipe(&self.data, id, folder, &key).await?;
        }
        self.key_file(id)?.set_revoked(None, None)?;
        let session = self.open_files(id, &key, Some(account), Some(token.clone()))?;
        self.store_token(&session, token).await?;
        Ok(session)
    }

    /// Continues a wipe that the end of the program interrupted, if the keychain has the key.
    pub(super) async fn finish_wipe_by_keychain(&self, id: &AccountId) {
        let finish = async {
            let key_file = self.key_file(id)?;
            let is_due =
                key_file.revoked().is_some_and(|revoked| revoked.wipe) && key_file.has_spare();
            if !is_due || key_file.key_storage() != KeyStorage::Keychain {
                return Ok(());
            }
            let secret = entry::load(&self.data, id, Some(&key_file)).await?;
            let Some(secret) = secret else { return Ok(()) };
            let folder = Folder::lock(&id.folder(&self.data))?;
            revoke::wipe(&self.data, id, folder, &secret.key).await.map(drop)
        };
        let finished: Result<()> = finish.await;
        if let Err(error) = finished {
            tracing::warn!(%error, "a wipe is not complete yet");
        }
    }

    async fn key_of_revoked(&self, id: &AccountId, key_storage: KeyStorageChoice) -> Result<Key> {
        let key_file = self.key_file(id)?;
        match (key_file.key_storage(), key_storage) {
            (KeyStorage::Memory, _) => match self.closed().remove(id) {
                Some(Closed::Revoked { key: Some(key), .. }) => Ok(key),
                _ => Err(Error::KeyLost),
            },
            (KeyStorage::Keychain, _) => {
                match entry::load(&self.data, id, Some(&key_file)).await? {
                    Some(secret) => Ok(secret.key),
                    None => {
                        self.close(id, Closed::KeyLost { has_recovery: key_file.has_recovery() });
                        Err(Error::KeyLost)
                    }
                }
            }
            (KeyStorage::Passphrase, KeyStorageChoice::Passphrase { passphrase }) => {
                let secret = Zeroizing::new(passphrase);
                let open =
                    move |key_file: &mut KeyFile| match key_file.unwrap_by_passphrase(&secret) {
                        Err(Error::WrongPassphrase) => key_file.unwrap_by_recovery(&secret),
                        opened => opened,
                    };
                self.try_key(id, open).await.map(|(key, _)| key)
            }
            (KeyStorage::Passphrase, _) => Err(Error::WrongPassphrase),
        }
    }
}
