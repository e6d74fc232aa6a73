//! Creates an account's key, and stores key and token where the user wants.

use super::Client;
use super::options::KeyStorageChoice;
use crate::account_id::AccountId;
use crate::accounts::disk;
use crate::blocking::blocking;
use crate::error::{Error, Result};
use crate::keys::envelope::KeyStorage;
use crate::keys::key_file::KeyFile;
use crate::keys::{entry, passphrase};
use crate::session::Session;
use crate::token::Token;
use parlour_store::Key;

impl Client {
    /// Encrypts plain files of an earlier version with a new key, which is stored as `key_storage`
    /// specifies.
    pub async fn protect(&self, id: &AccountId, key_storage: KeyStorageChoice) -> Result<()> {
        let _lock = self.locks.lock(id).await;
        // A second key would not open the files that the first one has encrypted.
        if !disk::is_plain(&id.folder(&self.data)) {
            return Err(Error::Locked);
        }
        self.encrypt_plain(id, key_storage).await
    }

    pub(super) async fn encrypt_plain(
        &self,
        id: &AccountId,
        key_storage: KeyStorageChoice,
    ) -> Result<()> {
        let key = self.create_key(id, None, key_storage).await?;
        self.open_files(id, &key, None, None).map(drop)
    }

    /// Creates a key for an account's files, and stores it and the token as `key_storage` specifies.
    pub(super) async fn create_key(
        &self,
        id: &AccountId,
        token: Option<&Token>,
        key_storage: KeyStorageChoice,
    ) -> Result<Key> {
        if let KeyStorageChoice::Passphrase { passphrase } = &key_storage {
            passphrase::check(passphrase)?;
        }
        let folder = id.folder(&self.data);
        let storage = if key_storage == KeyStorageChoice::Keychain {
            KeyStorage::Keychain
        } else {
            KeyStorage::Memory
        };
        let (mut key_file, key) = KeyFile::create(&folder, storage)?;
        match key_storage {
            KeyStorageChoice::Keychain => {
                drop(key_file);
                entry::save(&self.data, id, &key, token).await?;
            }
            KeyStorageChoice::Memory => {}
            KeyStorageChoice::Passphrase { passphrase } => {
                let (key, token) = (key.clone(), token.cloned());
                // Deriving a key from a passphrase is slow by design.
                blocking(move || {
                    key_file.protect_by_passphrase(
                        &key,
                        &passphrase,
                        token.as_ref().map(Token::expose),
                    )
                })
                .await?;
            }
        }
        Ok(key)
    }

    /// Stores a new token where the account's key is stored. If the keychain fails, the token is
    /// kept for this run only, and the user is asked for the password at the next start.
    pub(super) async fn store_token(&self, session: &Session, token: &Token) -> Result<()> {
        let Some(key) = session.context.store.key() else { return Ok(()) };
        let folder = session.id.folder(&self.data);
        let Some(mut key_file) = KeyFile::open(&folder)? else { return Ok(()) };
        match key_file.key_storage() {
            KeyStorage::Keychain => {
                let saved = entry::save(&self.data, &session.id, &key, Some(token)).await;
                if let Err(error) = saved {
                    tracing::warn!(%error, "the session is kept for this run only");
                }
                Ok(())
            }
            KeyStorage::Passphrase => key_file.set_token(&key, Some(token.expose())),
            KeyStorage::Memory => Ok(()),
        }
    }
}
