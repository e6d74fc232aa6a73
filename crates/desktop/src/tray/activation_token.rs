//! The activation token of the next click.

use crate::sanitize::TOKEN_BYTES;
use std::sync::{Arc, Mutex, PoisonError};

/// The activation token that the tray provided for the next click.
#[derive(Debug, Clone, Default)]
pub struct ActivationToken(Arc<Mutex<Option<String>>>);

impl ActivationToken {
    /// Stores a token for the next click; one that is too long is dropped.
    pub fn set(&self, token: String) {
        let token = (token.len() <= TOKEN_BYTES).then_some(token);
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = token;
    }

    /// Removes and returns the token, which can be used once.
    pub fn take(&self) -> Option<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}
