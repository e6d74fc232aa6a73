//! The session's token and the key of the account's files, stored in the system's keychain (Secret
//! Service, Credential Manager, macOS keychain) as one entry per account. They are never in the
//! clear in our files, in a log or in the window.

use crate::account_id::AccountId;
use crate::blocking::blocking;
use crate::error::{Error, Result};
use crate::identity::APP_ID;
use crate::token::Token;
use data_encoding::BASE64;
use keyring_core::{Entry, get_default_store, set_default_store, unset_default_store};
use parlour_store::Key;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::path::Path;
use std::sync::Arc;
use zeroize::Zeroizing;

/// The name of an account's entry in the keychain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryName(String);

impl EntryName {
    /// Returns the name of an account's entry for a data folder: the same user's account in another
    /// folder has another entry.
    pub fn new(data: &Path, id: &AccountId) -> Self {
        let mut digest = Sha256::new();
        digest.update(b"parlour: an item of the keychain\n");
        digest.update(data.as_os_str().as_encoded_bytes());
        digest.update(format!("\n{id}"));
        Self(digest.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect())
    }

    /// Returns the entry's name in earlier versions, which did not depend on the folder.
    pub fn of_earlier_version(id: &AccountId) -> Self {
        Self(id.to_string())
    }
}

/// Returns whether a keychain stores what it is given. Only writing shows that: a D-Bus without a
/// keychain service can be opened like one with it, and a locked keyring that cannot prompt reads like an
/// empty one.
pub async fn is_available() -> bool {
    let probe = |entry: &Entry| {
        entry.set_password("probe")?;
        entry.delete_credential()
    };
    // The name is random because another program may do the same check at the same time.
    with_entry(format!("probe-{:032x}", rand::random::<u128>()), probe).await.is_ok()
}

/// The state of the keychain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeychainState {
    /// No keychain responds.
    Absent,
    /// The keychain asks the user before it responds.
    Locked,
    /// The keychain may ask the user, or not.
    Unknown,
    /// The keychain responds without asking the user.
    Open,
}

/// Returns the state of the keychain, without causing a prompt.
pub async fn state() -> KeychainState {
    // macOS may prompt at any time, and does not announce it.
    if cfg!(target_os = "macos") { KeychainState::Unknown } else { blocking(probe).await }
}

#[cfg(all(unix, not(target_os = "macos")))]
fn probe() -> KeychainState {
    use secret_service::{EncryptionType, blocking::SecretService};
    // No secrets are sent over this connection.
    let Ok(service) = SecretService::connect(EncryptionType::Plain) else {
        return KeychainState::Absent;
    };
    let is_locked = service.get_default_collection().and_then(|keys| keys.is_locked());
    if is_locked.unwrap_or(true) { KeychainState::Locked } else { KeychainState::Open }
}

/// Returns [`KeychainState::Open`], because Windows never prompts.
#[cfg(not(all(unix, not(target_os = "macos"))))]
fn probe() -> KeychainState {
    KeychainState::Open
}

/// The contents of an account's entry in the keychain.
pub struct Secret {
    /// The key of the account's files.
    pub key: Key,
    /// The token of its session, unless the session has ended.
    pub token: Option<Token>,
}

/// A [`Secret`] as it is written into the entry (JSON; the key in base64).
#[derive(Serialize, Deserialize)]
struct StoredSecret {
    key: Zeroizing<String>,
    token: Option<Zeroizing<String>>,
}

/// Returns the contents of an entry; `None` if there is no entry, or if this program did not write
/// it.
///
/// # Errors
/// Fails if the keychain does not respond.
pub async fn load(name: &EntryName) -> Result<Option<Secret>> {
    match with_entry(name.0.clone(), |entry| entry.get_password().map(Zeroizing::new)).await {
        Ok(text) => Ok(parse(&text)),
        Err(keyring_core::Error::NoEntry) => Ok(None),
        Err(error) => Err(Error::Keychain(error)),
    }
}

fn parse(text: &str) -> Option<Secret> {
    let item: StoredSecret = serde_json::from_str(text).ok()?;
    let bytes = Zeroizing::new(BASE64.decode(item.key.as_bytes()).ok()?);
    let key = Key::from_slice(&bytes)?;
    Some(Secret { key, token: item.token.map(|token| Token::new(token.to_string())) })
}

/// Writes an entry, replacing an earlier one.
///
/// # Errors
/// Fails if the keychain does not accept it.
pub async fn save(name: &EntryName, key: &Key, token: Option<&Token>) -> Result<()> {
    let key = Zeroizing::new(BASE64.encode(key.expose()));
    let token = token.map(Token::to_zeroizing);
    let text =
        Zeroizing::new(serde_json::to_string(&StoredSecret { key, token }).expect("plain data"));
    let write = move |entry: &Entry| entry.set_password(&text);
    with_entry(name.0.clone(), write).await.map_err(Error::Keychain)
}

/// Deletes an entry; succeeds if it does not exist.
///
/// # Errors
/// Fails if the keychain does not allow it.
pub async fn delete(name: &EntryName) -> Result<()> {
    match with_entry(name.0.clone(), |entry| entry.delete_credential()).await {
        Ok(()) | Err(keyring_core::Error::NoEntry) => Ok(()),
        Err(error) => Err(Error::Keychain(error)),
    }
}

/// Runs `work` on an entry. The keychain may ask the user first, and takes as long as the user
/// does. After a failure the next call connects to the keychain again, because it may have ended
/// and restarted.
async fn with_entry<T: Send + 'static>(
    name: String,
    work: impl FnOnce(&Entry) -> keyring_core::Result<T> + Send + 'static,
) -> keyring_core::Result<T> {
    blocking(move || {
        if get_default_store().is_none() {
            set_default_store(store()?);
        }
        let result = Entry::new(APP_ID, &name).and_then(|entry| work(&entry));
        if !matches!(result, Ok(_) | Err(keyring_core::Error::NoEntry)) {
            unset_default_store();
        }
        result
    })
    .await
}

/// Returns the data protection keychain, which only this program can access, if the program was
/// signed with a provisioning profile (Apple's TN3137); otherwise, as for a local build, the login
/// keychain.
#[cfg(target_os = "macos")]
fn store() -> keyring_core::Result<Arc<keyring_core::api::CredentialStore>> {
    use apple_native_keyring_store::{keychain, protected};
    let program = std::env::current_exe().unwrap_or_default();
    // Parlour.app/Contents/MacOS/parlour
    let contents = program.ancestors().nth(2);
    if contents.is_some_and(|contents| contents.join("embedded.provisionprofile").exists()) {
        Ok(protected::Store::new()?)
    } else {
        Ok(keychain::Store::new()?)
    }
}

#[cfg(windows)]
fn store() -> keyring_core::Result<Arc<keyring_core::api::CredentialStore>> {
    Ok(windows_native_keyring_store::Store::new()?)
}

#[cfg(all(unix, not(target_os = "macos")))]
fn store() -> keyring_core::Result<Arc<keyring_core::api::CredentialStore>> {
    Ok(zbus_secret_service_keyring_store::Store::new()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use parlour_protocol::UserId;

    #[test]
    fn each_folder_and_each_account_has_its_own_entry() {
        let id = |n| AccountId::new("https://chat.example.org", UserId(uuid::Uuid::from_u128(n)));
        let name = |data: &str, n| EntryName::new(Path::new(data), &id(n));
        let all =
            [name("/a", 1), name("/b", 1), name("/a", 2), EntryName::of_earlier_version(&id(1))];
        for (n, entry) in all.iter().enumerate() {
            assert!(all[n + 1..].iter().all(|other| other != entry));
        }
        assert_eq!(name("/a", 1), all[0]);
    }
}
