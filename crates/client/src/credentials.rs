//! The session's token: in the system's keychain (Secret Service, Credential Manager, macOS
//! keychain), or in memory for this run. Never in a file of ours, a log or the window.

use crate::{Error, Result};
use keyring::v1::Entry;
use parlour_store::Account;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

const SERVICE: &str = "chat.parlour.app";

/// A token that does not print.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

impl Token {
    pub fn new(token: String) -> Self {
        Self(token)
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

/// The token in the keychain; nothing if there is none.
pub async fn load(account: &Account) -> Result<Option<Token>> {
    let name = name(account);
    blocking(move || match Entry::new(SERVICE, &name).and_then(|entry| entry.get_password()) {
        Ok(token) => Ok(Some(Token(token))),
        Err(keyring::Error::NoEntry) => Ok(None),
        Err(error) => Err(Error::Keychain(error)),
    })
    .await
}

/// Puts the token into the keychain.
pub async fn save(account: &Account, token: &Token) -> Result<()> {
    let (name, token) = (name(account), token.clone());
    blocking(move || {
        Entry::new(SERVICE, &name)
            .and_then(|entry| entry.set_password(token.expose()))
            .map_err(Error::Keychain)
    })
    .await
}

/// Takes the token out of the keychain; no error if it is not there.
pub async fn delete(account: &Account) -> Result<()> {
    let name = name(account);
    blocking(move || match Entry::new(SERVICE, &name).and_then(|entry| entry.delete_credential()) {
        Ok(()) | Err(keyring::Error::NoEntry) => Ok(()),
        Err(error) => Err(Error::Keychain(error)),
    })
    .await
}

fn name(account: &Account) -> String {
    format!("{}@{}", account.user_id, account.server)
}

/// A keychain may ask its owner first, for as long as they like.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(work).await {
        Ok(value) => value,
        Err(panic) => std::panic::resume_unwind(panic.into_panic()),
    }
}
