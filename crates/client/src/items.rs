//! Where in the keychain an account's key is: one item for each data folder, whoever else is signed in to the
//! same account on this computer. Items that earlier versions wrote, or that were written before the
//! folder was moved, are found and written anew.

use crate::Result;
use crate::accounts::{self, AccountId};
use crate::credentials::{self, ItemName, Secret, Token};
use crate::vault::Vault;
use parlour_store::Key;
use std::path::{Path, PathBuf};

/// The account's item.
pub(crate) fn name(data: &Path, id: &AccountId) -> ItemName {
    ItemName::of(&absolute(data), id)
}

/// A folder by one name, however it was said.
fn absolute(data: &Path) -> PathBuf {
    let found = data.canonicalize().or_else(|_| std::path::absolute(data));
    found.unwrap_or_else(|_| data.to_owned())
}

/// Puts the key, and the token with it, into the account's item.
///
/// # Errors
/// The keychain does not take it.
pub(crate) async fn save(
    data: &Path,
    id: &AccountId,
    key: &Key,
    token: Option<&Token>,
) -> Result<()> {
    credentials::save(&name(data, id), key, token).await?;
    // Where to look, should the folder be moved.
    let at = absolute(data);
    match Vault::open(&accounts::folder(data, id)) {
        Ok(Some(mut vault)) if vault.kept_at() != Some(&at) => vault.keep_at(&at),
        _ => Ok(()),
    }
}

/// Takes the account's item out of the keychain; no error if it is not there.
///
/// # Errors
/// The keychain does not let us.
pub(crate) async fn delete(data: &Path, id: &AccountId) -> Result<()> {
    credentials::delete(&name(data, id)).await
}

/// What the keychain has of an account: what opens its files, if anything does.
///
/// # Errors
/// The keychain does not answer.
pub(crate) async fn load(
    data: &Path,
    id: &AccountId,
    vault: Option<&Vault>,
) -> Result<Option<Secret>> {
    let folder = accounts::folder(data, id);
    let opens = |secret: &Secret| match vault {
        Some(vault) => vault.is_of(&secret.key) || vault.is_of_spare(&secret.key),
        // `key.json` is gone: the files tell.
        None => parlour_store::opens(&folder, &secret.key),
    };
    if let Some(secret) = credentials::load(&name(data, id)).await?.filter(opens) {
        return Ok(Some(secret));
    }
    let before = vault.and_then(Vault::kept_at).filter(|before| *before != absolute(data));
    let moved =
        before.map(|before| (ItemName::of(before, id), accounts::folder(before, id).exists()));
    for (name, is_others) in moved.into_iter().chain([(ItemName::of_earlier(id), false)]) {
        let Some(secret) = credentials::load(&name).await?.filter(opens) else { continue };
        save(data, id, &secret.key, secret.token.as_ref()).await?;
        // A folder that was copied keeps its own.
        if !is_others && let Err(error) = credentials::delete(&name).await {
            tracing::warn!(%error, "an item of an earlier name stays in the keychain");
        }
        return Ok(Some(secret));
    }
    Ok(None)
}
