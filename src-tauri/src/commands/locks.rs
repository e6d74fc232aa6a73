//! Opening and locking accounts. A passphrase and a code come from whoever types them, and go to nobody.

use super::App;
use crate::error::Answer;
use parlour_client::{AccountId, Keep};
use parlour_protocol::Count;

/// Opens the accounts whose keys the keychain has, which may ask its owner. Answers whether none waits for it
/// any more.
#[tauri::command]
#[specta::specta]
pub async fn open_by_keychain(app: App<'_>) -> Answer<bool> {
    Ok(!app.client()?.open_by_keychain().await)
}

/// Opens an account by its passphrase.
#[tauri::command]
#[specta::specta]
pub async fn unlock(app: App<'_>, account: AccountId, passphrase: String) -> Answer<()> {
    Ok(app.client()?.unlock(&account, &passphrase).await?)
}

/// Opens an account by its recovery code.
#[tauri::command]
#[specta::specta]
pub async fn recover(app: App<'_>, account: AccountId, code: String) -> Answer<()> {
    Ok(app.client()?.recover(&account, &code).await?)
}

/// Gives plain files of an earlier version a key.
#[tauri::command]
#[specta::specta]
pub async fn protect(app: App<'_>, account: AccountId, keep: Keep) -> Answer<()> {
    Ok(app.client()?.protect(&account, keep).await?)
}

/// Puts the files of an account that cannot be opened out of the way.
#[tauri::command]
#[specta::specta]
pub async fn set_aside(app: App<'_>, account: AccountId) -> Answer<()> {
    Ok(app.client()?.set_aside(&account)?)
}

/// Locks every account that a passphrase opens; answers how many.
#[tauri::command]
#[specta::specta]
pub async fn lock(app: App<'_>) -> Answer<Count> {
    let locked = app.client()?.lock().await?;
    Ok(Count(i64::try_from(locked).unwrap_or(i64::MAX)))
}

/// Whether a passphrase opens the account.
#[tauri::command(async)]
#[specta::specta]
pub fn has_passphrase(app: App<'_>, account: AccountId) -> Answer<bool> {
    Ok(app.client()?.has_passphrase(&account)?)
}

/// Lets a passphrase open the account from here on. `secret` is what opens it now, or the account's password
/// where that is the keychain.
#[tauri::command]
#[specta::specta]
pub async fn set_passphrase(
    app: App<'_>,
    account: AccountId,
    passphrase: String,
    secret: String,
) -> Answer<()> {
    Ok(app.client()?.set_passphrase(&account, &passphrase, &secret).await?)
}

/// Lets the keychain open it again; `secret` is its passphrase.
#[tauri::command]
#[specta::specta]
pub async fn remove_passphrase(app: App<'_>, account: AccountId, secret: String) -> Answer<()> {
    Ok(app.client()?.remove_passphrase(&account, &secret).await?)
}

/// Makes a recovery code, to be written down: it is told this once. `secret` as for [`set_passphrase`].
#[tauri::command]
#[specta::specta]
pub async fn make_recovery_code(
    app: App<'_>,
    account: AccountId,
    secret: String,
) -> Answer<String> {
    Ok(app.client()?.make_recovery_code(&account, &secret).await?.to_string())
}
