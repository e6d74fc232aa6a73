//! Opens accounts with keys from the keychain.

use super::Client;
use super::options::KeyStorageChoice;
use crate::account_id::AccountId;
use crate::accounts::closed::Closed;
use crate::accounts::disk;
use crate::error::{Error, Result};
use crate::keys::entry;
use crate::keys::key_file::KeyFile;
use crate::keys::keychain::{self, KeychainState};

impl Client {
    /// Opens every account whose key is in the keychain and available now. Returns whether any
    /// account still waits for the keychain. The keychain may ask the user first, and takes as long
    /// as the user does: call this only when the user requested it.
    pub async fn open_by_keychain(&self) -> bool {
        for id in self.closed().into_keys() {
            let _lock = self.locks.lock(&id).await;
            // It may have been opened or signed out since.
            match self.closed().get(&id) {
                Some(Closed::Keychain { .. }) => {}
                Some(Closed::Revoked { .. }) => {
                    self.finish_wipe_by_keychain(&id).await;
                    continue;
                }
                _ => continue,
            }
            match self.open_one_by_keychain(&id).await {
                Ok(true) => {}
                // The keychain would not respond for the others either, and would ask the user
                // again for each.
                Ok(false) => return true,
                // The account was closed for that reason already.
                Err(Error::Revoked) => {}
                Err(error) => self.close(&id, Closed::Failed(error.into())),
            }
        }
        false
    }

    /// Same as [`Client::open_by_keychain`], but may be called repeatedly: a locked keychain asks
    /// the user only once. After that it is not accessed until it is open, or until the user
    /// requests it.
    pub async fn open_when_keychain_opens(&self) -> bool {
        let is_of_keychain = |reason: &Closed| matches!(reason, Closed::Keychain { .. });
        let closed = self.closed();
        let is_revoked = |reason: &Closed| matches!(reason, Closed::Revoked { .. });
        if !closed.values().any(|reason| is_of_keychain(reason) || is_revoked(reason)) {
            return false;
        }
        if self.prompts.is_due(keychain::state().await) {
            return self.open_by_keychain().await;
        }
        closed.values().any(is_of_keychain)
    }

    /// Opens one account; returns whether it no longer needs the keychain.
    async fn open_one_by_keychain(&self, id: &AccountId) -> Result<bool> {
        let folder = id.folder(&self.data);
        // A key that was created for files which are still plain opens nothing, so they get a new one.
        let is_plain = disk::is_plain(&folder);
        let key_file = if is_plain { None } else { KeyFile::open(&folder)? };
        let found =
            if is_plain { Ok(None) } else { entry::load(&self.data, id, key_file.as_ref()).await };
        let found = match found {
            Ok(found) => found,
            Err(error) => {
                tracing::debug!(?error, "the keychain does not respond");
                return Ok(false);
            }
        };
        match (found, key_file) {
            (Some(secret), _) => {
                self.open_files(id, &secret.key, None, secret.token)?;
            }
            // A locked keychain that cannot prompt reads like an empty one; only writing shows the
            // difference, and prompts.
            (None, _) if keychain::state().await == KeychainState::Locked => return Ok(false),
            (None, _) if !keychain::is_available().await => return Ok(false),
            (None, None) if is_plain => self.encrypt_plain(id, KeyStorageChoice::Keychain).await?,
            // The entry no longer exists, or belongs to other files.
            (None, key_file) => {
                let has_recovery = key_file.is_some_and(|key_file| key_file.has_recovery());
                self.close(id, Closed::KeyLost { has_recovery });
            }
        }
        Ok(true)
    }
}
