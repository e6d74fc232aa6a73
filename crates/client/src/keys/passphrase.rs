//! The rules for passphrases.

use crate::error::Result;
use parlour_protocol::{LocalReason, limits};

/// Checks the length of a new passphrase.
///
/// # Errors
/// Fails if it is too short or too long.
pub(crate) fn check(passphrase: &str) -> Result<()> {
    if passphrase.len() > limits::PASSPHRASE_BYTES {
        return Err(LocalReason::PassphraseTooLong.into());
    }
    if passphrase.chars().count() < limits::MIN_PASSPHRASE_CHARS {
        return Err(LocalReason::PassphraseTooShort.into());
    }
    Ok(())
}
