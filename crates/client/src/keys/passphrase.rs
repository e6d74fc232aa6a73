//! What may be a passphrase.

use crate::error::Result;
use parlour_protocol::LocalReason;

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
        return Err(LocalReason::PassphraseTooLong.into());
    }
    if passphrase.chars().count() < PASSPHRASE_CHARS {
        return Err(LocalReason::PassphraseTooShort.into());
    }
    Ok(())
}
