//! The session's token in memory.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use zeroize::Zeroizing;

/// A session's token: it is never printed, and is zeroed in memory when it is dropped.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Token(Zeroizing<String>);

impl Token {
    pub fn new(token: String) -> Self {
        Self(Zeroizing::new(token))
    }

    /// Returns the text, to be used only for the header of a request and for storing the token.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Returns a copy of the text that is zeroed in memory when it is dropped.
    pub fn to_zeroizing(&self) -> Zeroizing<String> {
        self.0.clone()
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token")
    }
}

/// The token that requests carry; clones share it.
#[derive(Debug, Clone, Default)]
pub(crate) struct TokenCell(Arc<Mutex<Option<Token>>>);

impl TokenCell {
    pub fn get(&self) -> Option<Token> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub fn set(&self, token: Option<Token>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = token;
    }
}
