//! The session's token and the key of the account's files, in the system's keychain (Secret Service,
//! Credential Manager, macOS keychain) as one item an account. Never in a file of ours in the clear, in
//! a log or in the window.

use crate::{AccountId, Error, Result};
use data_encoding::BASE64;
use keyring::v1::Entry;
use parlour_store::Key;
use serde::{Deserialize, Serialize};
use std::fmt;
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

/// Whether a keychain takes what it is given: only writing tells. A bus without a keychain on it
/// opens like one with, and a locked keyring without a prompt answers reads like an empty one.
pub async fn is_keychain_there() -> bool {
    const PROBE: &str = "probe";
    blocking(|| {
        let probe = Entry::new(SERVICE, PROBE)?;
        probe.set_password(PROBE)?;
        probe.delete_credential()
    })
    .await
    .is_ok()
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
pub async fn load(id: &AccountId) -> Result<Option<Secret>> {
    let name = id.to_string();
    let text = blocking(move || match Entry::new(SERVICE, &name).and_then(|e| e.get_password()) {
        Ok(text) => Ok(Some(Zeroizing::new(text))),
        Err(keyring::Error::NoEntry) => Ok(None),
        Err(error) => Err(Error::Keychain(error)),
    });
    Ok(text.await?.and_then(|text| parse(&text)))
}

fn parse(text: &str) -> Option<Secret> {
    let item: Item = serde_json::from_str(text).ok()?;
    let bytes = Zeroizing::new(BASE64.decode(item.key.as_bytes()).ok()?);
    let key = Key::from_slice(&bytes)?;
    Some(Secret { key, token: item.token.map(|token| Token::new(token.to_string())) })
}

/// Puts it into the keychain.
pub async fn save(id: &AccountId, key: &Key, token: Option<&Token>) -> Result<()> {
    let key = Zeroizing::new(BASE64.encode(key.expose()));
    let token = token.map(|token| token.0.clone());
    let text = Zeroizing::new(serde_json::to_string(&Item { key, token }).expect("plain data"));
    let name = id.to_string();
    blocking(move || {
        Entry::new(SERVICE, &name)
            .and_then(|entry| entry.set_password(&text))
            .map_err(Error::Keychain)
    })
    .await
}

/// Takes it out of the keychain; no error if it is not there.
pub async fn delete(id: &AccountId) -> Result<()> {
    let name = id.to_string();
    blocking(move || match Entry::new(SERVICE, &name).and_then(|entry| entry.delete_credential()) {
        Ok(()) | Err(keyring::Error::NoEntry) => Ok(()),
        Err(error) => Err(Error::Keychain(error)),
    })
    .await
}

/// A keychain may ask its owner first, for as long as they like.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(work).await {
        Ok(value) => value,
        Err(panic) => std::panic::resume_unwind(panic.into_panic()),
    }
}
