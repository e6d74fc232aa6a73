//! An account's entry in the keychain: one for each data folder, whoever else is signed in to the same
//! account on this computer. Entries that earlier versions wrote, or that were written before the folder
//! was moved, are found and written again under today's name.

use super::keychain::{self, EntryName, Secret};
use super::vault::Vault;
use crate::account_id::AccountId;
use crate::error::Result;
use crate::token::Token;
use parlour_store::Key;
use std::path::{Path, PathBuf};

fn name(data: &Path, id: &AccountId) -> EntryName {
    EntryName::of(&absolute(data), id)
}

/// One name for a folder, however it was given.
fn absolute(data: &Path) -> PathBuf {
    let found = data.canonicalize().or_else(|_| std::path::absolute(data));
    found.unwrap_or_else(|_| data.to_owned())
}

/// Writes the key, and the token with it, into the account's entry.
///
/// # Errors
/// The keychain does not take it.
pub(crate) async fn save(
    data: &Path,
    id: &AccountId,
    key: &Key,
    token: Option<&Token>,
) -> Result<()> {
    keychain::save(&name(data, id), key, token).await?;
    // Where to look, should the folder be moved.
    let at = absolute(data);
    match Vault::open(&id.folder(data)) {
        Ok(Some(mut vault)) if vault.kept_at() != Some(&at) => vault.keep_at(&at),
        _ => Ok(()),
    }
}

/// Deletes the account's entry; no error if it is not there.
///
/// # Errors
/// The keychain does not allow it.
pub(crate) async fn delete(data: &Path, id: &AccountId) -> Result<()> {
    keychain::delete(&name(data, id)).await
}

/// What the keychain has of an account, if it opens the account's files.
///
/// # Errors
/// The keychain does not answer.
pub(crate) async fn load(
    data: &Path,
    id: &AccountId,
    vault: Option<&Vault>,
) -> Result<Option<Secret>> {
    let folder = id.folder(data);
    let opens = |secret: &Secret| match vault {
        Some(vault) => vault.is_of(&secret.key) || vault.is_of_spare(&secret.key),
        // `key.json` is gone: the files tell.
        None => parlour_store::opens(&folder, &secret.key),
    };
    if let Some(secret) = keychain::load(&name(data, id)).await?.filter(opens) {
        return Ok(Some(secret));
    }
    let before = vault.and_then(Vault::kept_at).filter(|before| *before != absolute(data));
    let moved = before.map(|before| (EntryName::of(before, id), id.folder(before).exists()));
    for (name, is_copied) in moved.into_iter().chain([(EntryName::of_earlier(id), false)]) {
        let Some(secret) = keychain::load(&name).await?.filter(opens) else { continue };
        save(data, id, &secret.key, secret.token.as_ref()).await?;
        // The folder that was copied keeps its own.
        if !is_copied && let Err(error) = keychain::delete(&name).await {
            tracing::warn!(%error, "an entry of an earlier name stays in the keychain");
        }
        return Ok(Some(secret));
    }
    Ok(None)
}
