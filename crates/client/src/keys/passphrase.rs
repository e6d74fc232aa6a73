//! The rules for passphrases.

use crate::error::Result;
use parlour_protocol::LocalReason;

/// Minimum length of a passphrase, in characters.
const PASSPHRASE_CHARS: usize = 8;
/// Maximum length of a passphrase, in bytes.
const PASSPHRASE_BYTES: usize = 1024;

/// Checks a new passphrase: at least 8 characters, at most 1,024 bytes.
///
/// # Errors
/// Fails if it is too short or too long.
pub(crate) fn check(passphrase: &str) -> Result<()> {
    if passphrase.len() > PASSPHRASE_BYTES {
        return Err(LocalReason::PassphraseTooLong.into());
    }
    if passphrase.chars().count() < PASSPHRASE_CHARS {
        return Err(LocalReason::PassphraseTooShort.into());
    }
    Ok(())
}
