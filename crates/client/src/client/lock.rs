//! Locks accounts, and moves aside those that cannot be opened.

use super::Client;
use crate::account_id::{self, AccountId};
use crate::accounts::closed::Closed;
use crate::error::{Error, Result};
use crate::keys::envelope::KeyStorage;
use crate::keys::key_file::KeyFile;
use crate::notice::Notice;
use parlour_store::Folder;

impl Client {
    /// Locks every account that a passphrase opens: ends its tasks and removes its key from memory.
    /// Returns the number of locked accounts.
    pub async fn lock(&self) -> Result<usize> {
        let (mut locked, mut busy) = (0, Vec::new());
        for id in self.sessions().into_keys() {
            // An account that is being signed out must not delay the locking of others.
            match self.locks.try_lock(&id) {
                Some(_lock) => locked += self.lock_one(&id).await?,
                None => busy.push(id),
            }
        }
        for id in busy {
            let _lock = self.locks.lock(&id).await;
            locked += self.lock_one(&id).await?;
        }
        Ok(locked)
    }

    async fn lock_one(&self, id: &AccountId) -> Result<usize> {
        let key_file = KeyFile::open(&id.folder(&self.data))?;
        let is_open = self.session_of(id).is_ok();
        if !is_open
            || key_file.is_none_or(|key_file| key_file.key_storage() != KeyStorage::Passphrase)
        {
            return Ok(0);
        }
        drop(self.registry.shut_down(id, Closed::Passphrase).await?);
        Ok(1)
    }

    /// Moves the files of an account that cannot be opened aside, without deleting them: if the key is
    /// found, they can be put back. Afterwards the user can sign in to the account again.
    ///
    /// # Errors
    /// Fails if the account is being opened or is open, or if the folder cannot be moved.
    pub fn set_aside(&self, id: &AccountId) -> Result<()> {
        let folder = id.folder(&self.data);
        let in_use = || parlour_store::Error::InUse(folder.clone());
        let _lock = self.locks.try_lock(id).ok_or_else(in_use)?;
        if !self.closed().contains_key(id) {
            return Err(Error::SignedOut);
        }
        // Another program may be using the folder.
        drop(Folder::lock(&folder)?);
        let failed = |source| parlour_store::Error::Folder { path: folder.clone(), source };
        let set_aside = account_id::set_aside_folder(&self.data);
        parlour_store::private::create_folder(&set_aside).map_err(failed)?;
        let free = (1..).map(|n| set_aside.join(format!("{id}-{n}"))).find(|to| !to.exists());
        std::fs::rename(&folder, free.expect("a free name")).map_err(failed)?;
        self.registry.remove(id);
        self.notices.for_account(id.clone()).send(Notice::Status);
        Ok(())
    }
}
