//! Commands that open and lock accounts. The passphrase and the recovery code come from the user and are passed only to
//! the client.

use super::App;
use crate::error::CommandResult;
use parlour_client::{AccountId, KeyStorageChoice};
use parlour_protocol::Count;

/// Opens the accounts whose keys are in the keychain, which may ask the user to unlock it. Returns
/// `true` if no account is waiting for the keychain any more.
#[tauri::command]
#[specta::specta]
pub async fn open_by_keychain(app: App<'_>) -> CommandResult<bool> {
    Ok(!app.client()?.open_by_keychain().await)
}

/// Opens an account by its passphrase.
#[tauri::command]
#[specta::specta]
pub async fn unlock(app: App<'_>, account: AccountId, passphrase: String) -> CommandResult<()> {
    Ok(app.client()?.unlock(&account, &passphrase).await?)
}

/// Opens an account by its recovery code.
#[tauri::command]
#[specta::specta]
pub async fn recover(app: App<'_>, account: AccountId, code: String) -> CommandResult<()> {
    Ok(app.client()?.recover(&account, &code).await?)
}

/// Encrypts the files of an account that an earlier version stored without encryption.
#[tauri::command]
#[specta::specta]
pub async fn protect(
    app: App<'_>,
    account: AccountId,
    key_storage: KeyStorageChoice,
) -> CommandResult<()> {
    Ok(app.client()?.protect(&account, key_storage).await?)
}

/// Moves the files of an account that cannot be opened out of the way.
#[tauri::command]
#[specta::specta]
pub async fn set_aside(app: App<'_>, account: AccountId) -> CommandResult<()> {
    Ok(app.client()?.set_aside(&account)?)
}

/// Locks every account that has a passphrase. Returns the number of accounts locked.
#[tauri::command]
#[specta::specta]
pub async fn lock(app: App<'_>) -> CommandResult<Count> {
    let locked = app.client()?.lock().await?;
    Ok(Count(i64::try_from(locked).unwrap_or(i64::MAX)))
}

/// Returns whether the account has a passphrase.
#[tauri::command(async)]
#[specta::specta]
pub fn has_passphrase(app: App<'_>, account: AccountId) -> CommandResult<bool> {
    Ok(app.client()?.has_passphrase(&account)?)
}

/// Sets a passphrase that opens the account from now on. `secret` is the current passphrase, or the
/// account's password if the keychain opens the account.
#[tauri::command]
#[specta::specta]
pub async fn set_passphrase(
    app: App<'_>,
    account: AccountId,
    passphrase: String,
    secret: String,
) -> CommandResult<()> {
    Ok(app.client()?.set_passphrase(&account, &passphrase, &secret).await?)
}

/// Removes the passphrase, so that the keychain opens the account again. `secret` is the
/// passphrase.
#[tauri::command]
#[specta::specta]
pub async fn remove_passphrase(
    app: App<'_>,
    account: AccountId,
    secret: String,
) -> CommandResult<()> {
    Ok(app.client()?.remove_passphrase(&account, &secret).await?)
}

/// Creates a recovery code and returns it, once, for the user to write down. `secret`
/// is as for [`set_passphrase`].
#[tauri::command]
#[specta::specta]
pub async fn make_recovery_code(
    app: App<'_>,
    account: AccountId,
    secret: String,
) -> CommandResult<String> {
    Ok(app.client()?.make_recovery_code(&account, &secret).await?.to_string())
}
