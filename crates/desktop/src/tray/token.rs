//! The activation token of the next click.

use crate::safe::TOKEN_BYTES;
use std::sync::{Arc, Mutex, PoisonError};

/// The activation token that the tray has given for the next click.
#[derive(Debug, Clone, Default)]
pub struct Token(Arc<Mutex<Option<String>>>);

impl Token {
    /// Keeps a token for the next click.
    pub fn set(&self, token: String) {
        let token = (token.len() <= TOKEN_BYTES).then_some(token);
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = token;
    }

    /// Returns the token, which is good once.
    pub fn take(&self) -> Option<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}
