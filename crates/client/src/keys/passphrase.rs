//! What may be a passphrase.

use crate::error::{Error, Result};

/// Shortest passphrase, in characters.
const PASSPHRASE_CHARS: usize = 8;
/// Longest one, in bytes.
const PASSPHRASE_BYTES: usize = 1024;

/// Checks a new passphrase: at least 8 characters, at most 1,024 bytes.
///
/// # Errors
/// It is too short, or too long to be one.
pub(crate) fn check(passphrase: &str) -> Result<()> {
    if passphrase.len() > PASSPHRASE_BYTES {
        return Err(Error::invalid("A passphrase has at most 1,024 bytes."));
    }
    if passphrase.chars().count() < PASSPHRASE_CHARS {
        return Err(Error::invalid("A passphrase has at least 8 characters."));
    }
    Ok(())
}
