//! Sessions that somebody ended: what their device holds is closed until its user signs in again. Where
//! that was asked for, it is deleted but for what never reached the server, which exists nowhere else: that
//! is encrypted anew, with a key that opens nothing else, and the key of what was here is gone.

use crate::account_id::{self, AccountId};
use crate::accounts::closed::Closed;
use crate::accounts::registry::{AccountState, Registry};
use crate::blocking::blocking;
use crate::error::{Error, Result};
use crate::keys::entry;
use crate::keys::envelope::KeptBy;
use crate::keys::vault::Vault;
use crate::session::Session;
use crate::status::Revocation;
use parlour_store::{Folder, Key};
use std::path::Path;
use std::sync::Arc;

/// Closes an account whose session was ended. That it is closed is on the disk before anything is closed
/// or deleted, so that no end of the program opens it again: in `key.json`, and in the encrypted outbox, where
/// nobody takes it out.
pub(super) async fn close(
    data: &Path,
    registry: &Registry,
    session: Arc<Session>,
    revoked: Revocation,
) -> Result<()> {
    let (id, folder) = (session.id.clone(), session.id.folder(data));
    let (key, account) = (session.context.store.key(), session.account().ok());
    // Without a `key.json` there is nothing to note it in: that account asks for its password, as after the
    // end of its session's time.
    let Some((key, mut vault)) = key.zip(Vault::open(&folder)?) else { return Ok(()) };
    session.context.store.set_revoked()?;
    vault.set_revoked(Some(revoked), Some(&key))?;
    let kept_by = vault.kept_by();
    if kept_by == KeptBy::Keychain
        && let Err(error) = entry::save(data, &id, &key, None).await
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
    let claimed = registry.shut_down(&id, closed(&key)).await?;
    if revoked.wipe {
        let left = wipe(data, &id, claimed, &key).await?;
        registry.set(id, AccountState::Closed(closed(&left)));
    }
    Ok(())
}

/// Deletes what an account holds, but for what never reached the server; answers the key of that. Wherever it
/// ends, it goes on when it is called again with a key that opens the account.
pub(super) async fn wipe(data: &Path, id: &AccountId, folder: Folder, key: &Key) -> Result<Key> {
    delete_aside(data, id)?;
    let mut vault = Vault::open(folder.path())?.ok_or(Error::SignedOut)?;
    let next = if vault.is_of_spare(key) { Some(key.clone()) } else { vault.next_key(key) };
    let next = next.unwrap_or_else(|| key.clone());
    let (before, after) = (key.clone(), next.clone());
    let folder = blocking(move || folder.keep_unsent(&before, &after).map(|()| folder)).await?;
    if vault.kept_by() == KeptBy::Keychain {
        // While the keychain does not take the new key, the old one is kept: what waits needs one of them.
        entry::save(data, id, &next, None).await?;
        vault = Vault::open(folder.path())?.ok_or(Error::SignedOut)?;
    }
    if vault.is_of_spare(&next) {
        vault.take_spare()?;
    }
    Ok(next)
}

/// Deletes what was set aside of an account because nobody could open it.
fn delete_aside(data: &Path, id: &AccountId) -> Result<()> {
    let aside = account_id::set_aside(data);
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
