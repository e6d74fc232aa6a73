//! Sessions that somebody ended: what their device holds is closed until its user signs in again. Where
//! that was asked for, it is deleted but for what never reached the server, which exists nowhere else: that
//! is encrypted anew, with a key that opens nothing else, and the key of what was here is gone.

use crate::accounts::{self, AccountId, Closed, Slot, Slots};
use crate::client::{Client, Keep, blocking};
use crate::credentials::Token;
use crate::driver::Revoked;
use crate::locks::{ASIDE, shut};
use crate::session::Session;
use crate::vault::{KeptBy, Vault};
use crate::{Error, Result, items};
use parlour_store::{Account, Folder, Key};
use std::path::Path;
use std::sync::Arc;
use zeroize::Zeroizing;

/// Closes an account whose session was ended. That it is closed is on the disk before anything is closed
/// or deleted, so that no end of the program opens it again: in `key.json`, and in the encrypted outbox, where
/// nobody takes it out.
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
    session.parts.store.set_revoked()?;
    vault.set_revoked(Some(revoked), Some(&key))?;
    let kept_by = vault.kept_by();
    if kept_by == KeptBy::Keychain
        && let Err(error) = items::save(data, &id, &key, None).await
    {
        // It opens nothing any more.
        tracing::warn!(%error, "the ended session's token stays in the keychain");
    }
    drop(session);
    let has_passphrase = kept_by == KeptBy::Passphrase;
    let closed = |key: &Key| Closed::Revoked {
        has_passphrase,
        account: account.clone(),
        key: (kept_by == KeptBy::Run).then(|| key.clone()),
    };
    let claimed = shut(slots, &id, closed(&key)).await?;
    if revoked.wipe {
        let left = wipe(data, &id, claimed, &key).await?;
        slots.set(id, Slot::Closed(closed(&left)));
    }
    Ok(())
}

/// Deletes what an account holds, but for what never reached the server; answers the key of that. Wherever it
/// ends, it goes on when it is called again with a key that opens the account.
async fn wipe(data: &Path, id: &AccountId, folder: Folder, key: &Key) -> Result<Key> {
    delete_aside(data, id)?;
    let mut vault = Vault::open(folder.path())?.ok_or(Error::SignedOut)?;
    let next = if vault.is_of_spare(key) { Some(key.clone()) } else { vault.next_key(key) };
    let next = next.unwrap_or_else(|| key.clone());
    let (before, after) = (key.clone(), next.clone());
    let folder = blocking(move || folder.keep_unsent(&before, &after).map(|()| folder)).await?;
    if vault.kept_by() == KeptBy::Keychain {
        // While the keychain does not take the new key, the old one is kept: what waits needs one of them.
        items::save(data, id, &next, None).await?;
        vault = Vault::open(folder.path())?.ok_or(Error::SignedOut)?;
    }
    if vault.is_of_spare(&next) {
        vault.take_spare()?;
    }
    Ok(next)
}

/// Deletes what was set aside of an account because nobody could open it.
fn delete_aside(data: &Path, id: &AccountId) -> Result<()> {
    let aside = data.join(ASIDE);
    let failed = |source| parlour_store::Error::Folder { path: aside.clone(), source };
    let entries = match std::fs::read_dir(&aside) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        entries => entries.map_err(failed)?,
    };
    for entry in entries {
        let entry = entry.map_err(failed)?;
        if entry.file_name().to_string_lossy().starts_with(&format!("{id}-")) {
            std::fs::remove_dir_all(entry.path()).map_err(failed)?;
        }
    }
    Ok(())
}

/// Deletes what was to be deleted when the program ended in between, as far as that needs no key.
pub(crate) fn finish(folder: &Path) -> Result<()> {
    // A file that cannot be read is the matter of whoever opens the account.
    let vault = Vault::open(folder).ok().flatten();
    let is_due = vault.and_then(|vault| vault.revoked()).is_some_and(|revoked| revoked.wipe);
    match is_due.then(|| Folder::of(folder)) {
        // Another program is at it.
        None | Some(Err(parlour_store::Error::InUse(_))) => Ok(()),
        Some(folder) => {
            let kept = ["key.json", "outbox.db", "outbox.db-wal", "outbox.db-shm", "outbox.db.new"];
            Ok(folder?.empty(&kept)?)
        }
    }
}

/// Notes again what somebody took out of `key.json`.
pub(crate) fn note_again(data: &Path, id: &AccountId) -> Result<()> {
    let Some(mut vault) = Vault::open(&accounts::folder(data, id))? else { return Ok(()) };
    match vault.revoked() {
        Some(_) => Ok(()),
        None => vault.set_revoked(Some(Revoked { wipe: false }), None),
    }
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
        let mut key = self.key_of_revoked(id, keep).await?;
        if self.vault(id)?.revoked().is_some_and(|revoked| revoked.wipe) {
            let folder = Folder::of(&accounts::folder(&self.data, id))?;
            key = wipe(&self.data, id, folder, &key).await?;
        }
        self.vault(id)?.set_revoked(None, None)?;
        let session = self.open_files(id, &key, Some(account), Some(token.clone()))?;
        self.keep_token(&session, token).await?;
        Ok(session)
    }

    /// Goes on with a wipe that the end of the program interrupted, where the keychain has the key.
    pub(crate) async fn finish_wipe_by_keychain(&self, id: &AccountId) {
        let finish = async {
            let vault = self.vault(id)?;
            let is_due = vault.revoked().is_some_and(|revoked| revoked.wipe) && vault.has_spare();
            if !is_due || vault.kept_by() != KeptBy::Keychain {
                return Ok(());
            }
            let secret = items::load(&self.data, id, Some(&vault)).await?;
            let Some(secret) = secret else { return Ok(()) };
            let folder = Folder::of(&accounts::folder(&self.data, id))?;
            wipe(&self.data, id, folder, &secret.key).await.map(drop)
        };
        let finished: Result<()> = finish.await;
        if let Err(error) = finished {
            tracing::warn!(%error, "what was to be deleted is not yet");
        }
    }

    async fn key_of_revoked(&self, id: &AccountId, keep: Keep) -> Result<Key> {
        let vault = self.vault(id)?;
        match (vault.kept_by(), keep) {
            (KeptBy::Run, _) => match self.closed().remove(id) {
                Some(Closed::Revoked { key: Some(key), .. }) => Ok(key),
                _ => Err(Error::KeyLost),
            },
            (KeptBy::Keychain, _) => match items::load(&self.data, id, Some(&vault)).await? {
                Some(secret) => Ok(secret.key),
                None => {
                    self.close(id, Closed::KeyLost { has_recovery: vault.has_recovery() });
                    Err(Error::KeyLost)
                }
            },
            (KeptBy::Passphrase, Keep::Passphrase { passphrase }) => {
                let secret = Zeroizing::new(passphrase);
                let open = move |vault: &mut Vault| match vault.by_passphrase(&secret) {
                    Err(Error::WrongPassphrase) => vault.by_recovery(&secret),
                    opened => opened,
                };
                self.guess_key(id, open).await.map(|(key, _)| key)
            }
            (KeptBy::Passphrase, _) => Err(Error::WrongPassphrase),
        }
    }
}
