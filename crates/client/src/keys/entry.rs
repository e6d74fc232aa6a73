//! An account's entry in the keychain: one for each data folder, even if another one on this
//! computer is signed in to the same account. Entries that earlier versions wrote, or that were
//! written before the folder was moved, are found and written again under the current name.

use super::key_file::KeyFile;
use super::keychain::{self, EntryName, Secret};
use crate::account_id::AccountId;
use crate::error::Result;
use crate::token::Token;
use parlour_store::Key;
use std::path::{Path, PathBuf};

fn name(data: &Path, id: &AccountId) -> EntryName {
    EntryName::new(&absolute(data), id)
}

/// Returns the same path for a folder, however it was specified.
fn absolute(data: &Path) -> PathBuf {
    let found = data.canonicalize().or_else(|_| std::path::absolute(data));
    found.unwrap_or_else(|_| data.to_owned())
}

/// Writes the key, and the token with it, into the account's entry.
///
/// # Errors
/// Fails if the keychain does not accept it.
pub(crate) async fn save(
    data: &Path,
    id: &AccountId,
    key: &Key,
    token: Option<&Token>,
) -> Result<()> {
    keychain::save(&name(data, id), key, token).await?;
    // Stores the path under which the entry is found if the folder is moved later.
    let folder = absolute(data);
    match KeyFile::open(&id.folder(data)) {
        Ok(Some(mut key_file)) if key_file.keychain_folder() != Some(&folder) => {
            key_file.set_keychain_folder(&folder)
        }
        _ => Ok(()),
    }
}

/// Deletes the account's entry; succeeds if it does not exist.
///
/// # Errors
/// Fails if the keychain does not allow it.
pub(crate) async fn delete(data: &Path, id: &AccountId) -> Result<()> {
    keychain::delete(&name(data, id)).await
}

/// Returns the keychain's entry of an account, if its key opens the account's files.
///
/// # Errors
/// Fails if the keychain does not respond.
pub(crate) async fn load(
    data: &Path,
    id: &AccountId,
    key_file: Option<&KeyFile>,
) -> Result<Option<Secret>> {
    let folder = id.folder(data);
    let opens = |secret: &Secret| match key_file {
        Some(key_file) => key_file.is_key(&secret.key) || key_file.is_spare_key(&secret.key),
        // `key.json` is missing: only the files can confirm the key.
        None => parlour_store::opens(&folder, &secret.key),
    };
    if let Some(secret) = keychain::load(&name(data, id)).await?.filter(opens) {
        return Ok(Some(secret));
    }
    let old_path =
        key_file.and_then(KeyFile::keychain_folder).filter(|old_path| *old_path != absolute(data));
    let old_name =
        old_path.map(|old_path| (EntryName::new(old_path, id), id.folder(old_path).exists()));
    for (name, is_copied) in
        old_name.into_iter().chain([(EntryName::of_earlier_version(id), false)])
    {
        let Some(secret) = keychain::load(&name).await?.filter(opens) else { continue };
        save(data, id, &secret.key, secret.token.as_ref()).await?;
        // If the folder was copied, the original keeps its entry.
        if !is_copied && let Err(error) = keychain::delete(&name).await {
            tracing::warn!(%error, "an entry of an earlier name stays in the keychain");
        }
        return Ok(Some(secret));
    }
    Ok(None)
}
