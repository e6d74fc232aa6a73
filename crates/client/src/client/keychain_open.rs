//! Opening accounts by the keychain.

use super::Client;
use super::options::Keep;
use crate::account_id::AccountId;
use crate::accounts::closed::Closed;
use crate::accounts::disk;
use crate::error::{Error, Result};
use crate::keys::entry;
use crate::keys::keychain::{self, KeychainState};
use crate::keys::vault::Vault;

impl Client {
    /// Opens every account whose key is in the keychain and can be had now. Answers whether any still
    /// waits for the keychain. It may ask its owner first, for as long as they like: this is for when somebody
    /// asked for it.
    pub async fn open_by_keychain(&self) -> bool {
        for id in self.closed().into_keys() {
            let _lock = self.locks.lock(&id).await;
            // It may have been opened, or left, meanwhile.
            match self.closed().get(&id) {
                Some(Closed::Keychain { .. }) => {}
                Some(Closed::Revoked { .. }) => {
                    self.finish_wipe_by_keychain(&id).await;
                    continue;
                }
                _ => continue,
            }
            match self.by_keychain(&id).await {
                Ok(true) => {}
                // It would not answer for the others either, and ask its owner once more for each.
                Ok(false) => return true,
                // It is closed for that already.
                Err(Error::Revoked) => {}
                Err(error) => self.close(&id, Closed::Failed(error.into())),
            }
        }
        false
    }

    /// The same, to be called again and again: a locked keychain asks its owner once. After that it is left
    /// alone until it is open, or somebody asks for it ([`Client::open_by_keychain`]).
    pub async fn open_when_keychain_opens(&self) -> bool {
        let is_of_keychain = |why: &Closed| matches!(why, Closed::Keychain { .. });
        let closed = self.closed();
        let is_revoked = |why: &Closed| matches!(why, Closed::Revoked { .. });
        if !closed.values().any(|why| is_of_keychain(why) || is_revoked(why)) {
            return false;
        }
        if self.prompts.is_due(keychain::state().await) {
            return self.open_by_keychain().await;
        }
        closed.values().any(is_of_keychain)
    }

    /// Whether the account needs the keychain no more.
    async fn by_keychain(&self, id: &AccountId) -> Result<bool> {
        let folder = id.folder(&self.data);
        // A key that was made for files which are still plain opens nothing: they get another one.
        let is_plain = disk::is_plain(&folder);
        let vault = if is_plain { None } else { Vault::open(&folder)? };
        let found =
            if is_plain { Ok(None) } else { entry::load(&self.data, id, vault.as_ref()).await };
        let found = match found {
            Ok(found) => found,
            Err(error) => {
                tracing::debug!(?error, "the keychain does not answer");
                return Ok(false);
            }
        };
        match (found, vault) {
            (Some(secret), _) => {
                self.open_files(id, &secret.key, None, secret.token)?;
            }
            // A locked keychain without anybody to ask reads like an empty one; writing tells, and asks.
            (None, _) if keychain::state().await == KeychainState::Locked => return Ok(false),
            (None, _) if !keychain::is_available().await => return Ok(false),
            (None, None) if is_plain => self.keep_plain(id, Keep::Keychain).await?,
            // The item is gone, or another's.
            (None, vault) => {
                let has_recovery = vault.is_some_and(|vault| vault.has_recovery());
                self.close(id, Closed::KeyLost { has_recovery });
            }
        }
        Ok(true)
    }
}
