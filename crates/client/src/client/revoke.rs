//! Sessions that were ended remotely: the account's data on this device is closed until the user
//! signs in again. If a wipe was requested, the data is deleted except what never reached the
//! server, because that exists nowhere else: it is encrypted with a new key, and the key of the
//! deleted data is destroyed.

use crate::account_id::{self, AccountId};
use crate::accounts::closed::Closed;
use crate::accounts::registry::{AccountState, Registry};
use crate::blocking::blocking;
use crate::error::{Error, Result};
use crate::keys::entry;
use crate::keys::envelope::KeyStorage;
use crate::keys::key_file::KeyFile;
use crate::session::Session;
use crate::status::Revocation;
use parlour_store::{Folder, Key};
use std::path::Path;
use std::sync::Arc;

/// Closes an account whose session was ended. That it is closed is written to the disk before
/// anything is closed or deleted, so that ending the program cannot open it again: in `key.json`,
/// and in the encrypted outbox, where it cannot be removed without the key.
pub(super) async fn close_account(
    data: &Path,
    registry: &Registry,
    session: Arc<Session>,
    revoked: Revocation,
) -> Result<()> {
    let (id, folder) = (session.id.clone(), session.id.folder(data));
    let (key, account) = (session.context.store.key(), session.account().ok());
    // Without a `key.json` the end cannot be noted: such an account asks for its password, as it
    // does when its session expires.
    let Some((key, mut key_file)) = key.zip(KeyFile::open(&folder)?) else { return Ok(()) };
    session.context.store.set_revoked()?;
    key_file.set_revoked(Some(revoked), Some(&key))?;
    let storage = key_file.key_storage();
    if storage == KeyStorage::Keychain
        && let Err(error) = entry::save(data, &id, &key, None).await
    {
        // The token is no longer valid.
        tracing::warn!(%error, "the ended session's token stays in the keychain");
    }
    drop(session);
    let has_passphrase = storage == KeyStorage::Passphrase;
    let closed = |key: &Key| Closed::Revoked {
        has_passphrase,
        account: account.clone(),
        key: (storage == KeyStorage::Memory).then(|| key.clone()),
    };
    let folder_lock = registry.shut_down(&id, closed(&key)).await?;
    if revoked.wipe {
        let next_key = wipe(data, &id, folder_lock, &key).await?;
        registry.set(id, AccountState::Closed(closed(&next_key)));
    }
    Ok(())
}

/// Deletes an account's data except what never reached the server; returns the key of the rest. If
/// the program ends in between, another call with a key that opens the account continues.
pub(super) async fn wipe(data: &Path, id: &AccountId, folder: Folder, key: &Key) -> Result<Key> {
    delete_set_aside(data, id)?;
    let mut key_file = KeyFile::open(folder.path())?.ok_or(Error::SignedOut)?;
    let next = if key_file.is_spare_key(key) { Some(key.clone()) } else { key_file.next_key(key) };
    let next = next.unwrap_or_else(|| key.clone());
    let (before, after) = (key.clone(), next.clone());
    let folder =
        blocking(move || folder.delete_all_but_unsent(&before, &after).map(|()| folder)).await?;
    if key_file.key_storage() == KeyStorage::Keychain {
        // If the keychain does not store the new key, the old one stays there: the unsent ops need
        // one of the two.
        entry::save(data, id, &next, None).await?;
        key_file = KeyFile::open(folder.path())?.ok_or(Error::SignedOut)?;
    }
    if key_file.is_spare_key(&next) {
        key_file.activate_spare()?;
    }
    Ok(next)
}

/// Deletes the folders of an account that were moved aside because they could not be opened.
fn delete_set_aside(data: &Path, id: &AccountId) -> Result<()> {
    let set_aside = account_id::set_aside_folder(data);
    let failed = |source| parlour_store::Error::Folder { path: set_aside.clone(), source };
    let entries = match std::fs::read_dir(&set_aside) {
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
