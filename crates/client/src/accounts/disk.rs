//! The accounts' folders at the start: finds the accounts, determines what each waits for, and
//! completes sign-outs and wipes that were interrupted.

use super::closed::Closed;
use crate::account_id::{self, AccountId};
use crate::error::Result;
use crate::keys::envelope::KeyStorage;
use crate::keys::key_file::KeyFile;
use parlour_sqlite::durable;
use parlour_store::Folder;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// The name of the file that marks the folder of an account that was signed out: the rest of the folder
/// must be deleted.
const SIGNED_OUT: &str = "signed-out";

/// Returns the accounts in a data folder, none of them open yet.
///
/// # Errors
/// Fails if the folder cannot be read.
pub(crate) fn find(data: &Path) -> Result<BTreeMap<AccountId, Closed>> {
    let folder = account_id::accounts_folder(data);
    let failed = |source| parlour_store::Error::Folder { path: folder.clone(), source };
    let entries = match std::fs::read_dir(&folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(BTreeMap::new()),
        Err(source) => return Err(failed(source).into()),
    };
    // An earlier version left the access rights to the umask.
    parlour_store::private::restrict_all(&folder).map_err(failed)?;
    let mut accounts = BTreeMap::new();
    for entry in entries {
        let entry = entry.map_err(failed)?;
        finish_sign_out(&entry.path());
        // Other files may be in the folder; an account is a folder with an outbox.
        if parlour_store::has_account(&entry.path()) {
            finish_wipe(&entry.path())?;
            let id = AccountId::of_folder(&entry.file_name().to_string_lossy());
            accounts.insert(id, closed(&entry.path()));
        }
    }
    Ok(accounts)
}

/// Returns what an account waits for, according to its folder.
pub(crate) fn closed(folder: &Path) -> Closed {
    if is_plain(folder) {
        return Closed::Keychain { is_plain: true };
    }
    match KeyFile::open(folder) {
        Ok(Some(key_file)) => match key_file.key_storage() {
            storage @ (KeyStorage::Keychain | KeyStorage::Passphrase)
                if key_file.revoked().is_some() =>
            {
                let has_passphrase = storage == KeyStorage::Passphrase;
                Closed::Revoked { has_passphrase, account: None, key: None }
            }
            KeyStorage::Keychain => Closed::Keychain { is_plain: false },
            KeyStorage::Passphrase => Closed::Passphrase,
            KeyStorage::Memory => Closed::KeyLost { has_recovery: key_file.has_recovery() },
        },
        // `key.json` is missing; the keychain may still have the key.
        Ok(None) => Closed::Keychain { is_plain: false },
        Err(error) => Closed::Failed(Arc::new(error)),
    }
}

/// Returns whether an account's files are plain ones of an earlier version. The outbox is the first
/// file to be encrypted.
pub(crate) fn is_plain(folder: &Path) -> bool {
    parlour_store::is_plain(&folder.join(parlour_store::OUTBOX))
}

/// Marks a folder as that of a signed-out account. The mark is on the disk when this returns: if
/// the deletion is interrupted, it continues at the next start.
///
/// # Errors
/// Fails if the folder cannot be written.
pub(crate) fn mark_signed_out(folder: &Path) -> Result<()> {
    let failed = |source| parlour_store::Error::Folder { path: folder.to_owned(), source };
    Ok(durable::write(&folder.join(SIGNED_OUT), &[]).map_err(failed)?)
}

/// Deletes the rest of an account that was signed out; what cannot be deleted now is deleted at the
/// next start.
pub(crate) fn finish_sign_out(folder: &Path) {
    if !folder.join(SIGNED_OUT).exists() {
        return;
    }
    if let Err(error) = Folder::lock(folder).and_then(Folder::delete) {
        tracing::warn!(%error, "a signed-out account could not be deleted completely");
    }
}

/// Continues a wipe that the end of the program interrupted, as far as that needs no key.
fn finish_wipe(folder: &Path) -> Result<()> {
    // Opening the account reports a file that cannot be read.
    let key_file = KeyFile::open(folder).ok().flatten();
    let is_due =
        key_file.and_then(|key_file| key_file.revoked()).is_some_and(|revoked| revoked.wipe);
    match is_due.then(|| Folder::lock(folder)) {
        // Another program has the folder.
        None | Some(Err(parlour_store::Error::InUse(_))) => Ok(()),
        Some(folder) => Ok(folder?.continue_wipe()?),
    }
}
