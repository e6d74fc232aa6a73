//! The session's token and the key of the account's files, in the system's keychain (Secret Service,
//! Credential Manager, macOS keychain) as one item an account. Never in a file of ours in the clear, in
//! a log or in the window.

use crate::client::blocking;
use crate::{AccountId, Error, Result};
use data_encoding::BASE64;
use keyring_core::{Entry, get_default_store, set_default_store, unset_default_store};
use parlour_store::Key;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use zeroize::Zeroizing;

const SERVICE: &str = "chat.parlour.app";

/// A token that does not print, and is wiped when it is let go.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(Zeroizing<String>);

impl Token {
    pub fn new(token: String) -> Self {
        Self(Zeroizing::new(token))
    }

    /// For the header of a request, and nothing else.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token")
    }
}

/// The token that requests are made with, shared with those that make them.
#[derive(Debug, Clone, Default)]
pub struct Credentials(Arc<Mutex<Option<Token>>>);

impl Credentials {
    pub fn token(&self) -> Option<Token> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub fn set(&self, token: Option<Token>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = token;
    }
}

/// The name of an account's item in the keychain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemName(String);

impl ItemName {
    /// Of an account in a data folder: another folder's account of the same person has another item.
    pub fn of(data: &Path, id: &AccountId) -> Self {
        let mut digest = Sha256::new();
        digest.update(b"parlour: an item of the keychain\n");
        digest.update(data.as_os_str().as_encoded_bytes());
        digest.update(format!("\n{id}"));
        Self(digest.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect())
    }

    /// As earlier versions named it, whatever the folder.
    pub fn of_earlier(id: &AccountId) -> Self {
        Self(id.to_string())
    }
}

/// Whether a keychain takes what it is given: only writing tells. A bus without a keychain on it
/// opens like one with, and a locked keyring without a prompt answers reads like an empty one.
pub async fn is_keychain_there() -> bool {
    let probe = |entry: &Entry| {
        entry.set_password("probe")?;
        entry.delete_credential()
    };
    // Another program may ask at the same time.
    ask(format!("probe-{:032x}", rand::random::<u128>()), probe).await.is_ok()
}

/// How it stands with the keychain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// None answers.
    Absent,
    /// It asks its owner before it says anything.
    Locked,
    /// It may ask its owner, or not.
    Unknown,
    /// It answers without asking anybody.
    Open,
}

/// How it stands with the keychain, found out without asking its owner anything.
pub async fn standing() -> Standing {
    // There it asks whenever it likes to, and does not say so before.
    if cfg!(target_os = "macos") { Standing::Unknown } else { blocking(look).await }
}

#[cfg(all(unix, not(target_os = "macos")))]
fn look() -> Standing {
    use secret_service::{EncryptionType, blocking::SecretService};
    // Nothing secret goes over this connection.
    let Ok(service) = SecretService::connect(EncryptionType::Plain) else {
        return Standing::Absent;
    };
    let is_locked = service.get_default_collection().and_then(|keys| keys.is_locked());
    if is_locked.unwrap_or(true) { Standing::Locked } else { Standing::Open }
}

/// Windows never asks.
#[cfg(not(all(unix, not(target_os = "macos"))))]
fn look() -> Standing {
    Standing::Open
}

/// What the keychain keeps of an account.
pub struct Secret {
    /// Of its files.
    pub key: Key,
    /// Of its session, unless that has ended.
    pub token: Option<Token>,
}

/// As it is written into the item.
#[derive(Serialize, Deserialize)]
struct Item {
    key: Zeroizing<String>,
    token: Option<Zeroizing<String>>,
}

/// What the keychain has of an account; nothing if it has nothing that is ours.
pub async fn load(name: &ItemName) -> Result<Option<Secret>> {
    match ask(name.0.clone(), |entry| entry.get_password().map(Zeroizing::new)).await {
        Ok(text) => Ok(parse(&text)),
        Err(keyring_core::Error::NoEntry) => Ok(None),
        Err(error) => Err(Error::Keychain(error)),
    }
}

fn parse(text: &str) -> Option<Secret> {
    let item: Item = serde_json::from_str(text).ok()?;
    let bytes = Zeroizing::new(BASE64.decode(item.key.as_bytes()).ok()?);
    let key = Key::from_slice(&bytes)?;
    Some(Secret { key, token: item.token.map(|token| Token::new(token.to_string())) })
}

/// Puts it into the keychain.
pub async fn save(name: &ItemName, key: &Key, token: Option<&Token>) -> Result<()> {
    let key = Zeroizing::new(BASE64.encode(key.expose()));
    let token = token.map(|token| token.0.clone());
    let text = Zeroizing::new(serde_json::to_string(&Item { key, token }).expect("plain data"));
    let put = move |entry: &Entry| entry.set_password(&text);
    ask(name.0.clone(), put).await.map_err(Error::Keychain)
}

/// Takes it out of the keychain; no error if it is not there.
pub async fn delete(name: &ItemName) -> Result<()> {
    match ask(name.0.clone(), |entry| entry.delete_credential()).await {
        Ok(()) | Err(keyring_core::Error::NoEntry) => Ok(()),
        Err(error) => Err(Error::Keychain(error)),
    }
}

/// Does something with an item. The keychain may ask its owner first, for as long as they like. It is
/// reached anew after it failed: it may have ended and come back.
async fn ask<T: Send + 'static>(
    name: String,
    work: impl FnOnce(&Entry) -> keyring_core::Result<T> + Send + 'static,
) -> keyring_core::Result<T> {
    blocking(move || {
        if get_default_store().is_none() {
            set_default_store(store()?);
        }
        let done = Entry::new(SERVICE, &name).and_then(|entry| work(&entry));
        if !matches!(done, Ok(_) | Err(keyring_core::Error::NoEntry)) {
            unset_default_store();
        }
        done
    })
    .await
}

/// The data protection keychain, which is this program's alone, takes what was signed with a provisioning
/// profile (Apple's TN3137); what one builds oneself has the login keychain.
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
    fn each_folder_and_each_account_has_an_item_of_its_own() {
        let id = |n| AccountId::new("https://chat.example.org", UserId(uuid::Uuid::from_u128(n)));
        let name = |data: &str, n| ItemName::of(Path::new(data), &id(n));
        let all = [name("/a", 1), name("/b", 1), name("/a", 2), ItemName::of_earlier(&id(1))];
        for (n, one) in all.iter().enumerate() {
            assert!(all[n + 1..].iter().all(|other| other != one));
        }
        assert_eq!(name("/a", 1), all[0]);
    }
}
