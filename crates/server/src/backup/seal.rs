//! Encrypts backups: with a passphrase, or to a recipient's key, or not at all.

use super::error::BackupError;
use age::secrecy::SecretString;
use age::stream::StreamWriter;
use age::{Encryptor, scrypt, x25519};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::io::{Result, Write};

/// The work factor of a passphrase, as a power of two: it takes 128 MiB of memory and some tenths of a second. It is
/// fixed, so that a slower computer can open what a faster one encrypted.
pub(super) const WORK: u8 = 17;

/// The encryption of a backup. It may contain a passphrase, so `Debug` leaves that out.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Seal {
    /// No encryption.
    #[default]
    Open,
    /// Encryption with a passphrase.
    Passphrase(String),
    /// Encryption to a recipient (age1…): only the matching identity opens it.
    Recipient(String),
}

impl fmt::Debug for Seal {
    /// Leaves out the passphrase and the recipient.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_sealed() { "sealed" } else { "open" })
    }
}

/// Parses a recipient.
///
/// # Errors
/// Fails if the text is not a recipient.
pub fn recipient(text: &str) -> std::result::Result<x25519::Recipient, BackupError> {
    text.trim().parse().map_err(|_| BackupError::Recipient(text.to_owned()))
}

impl Seal {
    /// Returns whether the backup can only be read with a secret.
    pub fn is_sealed(&self) -> bool {
        !matches!(self, Self::Open)
    }

    pub(super) fn encryptor(&self) -> std::result::Result<Option<Encryptor>, BackupError> {
        let to = |one: &dyn age::Recipient| {
            Encryptor::with_recipients(std::iter::once(one))
                .expect("one recipient goes with itself")
        };
        Ok(match self {
            Self::Open => None,
            Self::Passphrase(passphrase) if passphrase.is_empty() => {
                return Err(BackupError::NoPassphrase);
            }
            Self::Passphrase(passphrase) => {
                let mut one = scrypt::Recipient::new(SecretString::from(passphrase.clone()));
                one.set_work_factor(WORK);
                Some(to(&one))
            }
            Self::Recipient(text) => Some(to(&recipient(text)?)),
        })
    }
}

/// A writer that encrypts, if requested.
pub enum Sealed<W: Write> {
    /// Writes without encryption.
    Open(W),
    /// Writes with encryption.
    Closed(StreamWriter<W>),
}

impl<W: Write> Sealed<W> {
    /// Starts writing.
    pub fn begin(encryptor: Option<Encryptor>, to: W) -> Result<Self> {
        Ok(match encryptor {
            None => Self::Open(to),
            Some(encryptor) => Self::Closed(encryptor.wrap_output(to)?),
        })
    }

    /// Writes the end.
    pub fn finish(self) -> Result<W> {
        match self {
            Self::Open(to) => Ok(to),
            Self::Closed(to) => to.finish(),
        }
    }
}

impl<W: Write> Write for Sealed<W> {
    fn write(&mut self, bytes: &[u8]) -> Result<usize> {
        match self {
            Self::Open(to) => to.write(bytes),
            Self::Closed(to) => to.write(bytes),
        }
    }

    fn flush(&mut self) -> Result<()> {
        match self {
            Self::Open(to) => to.flush(),
            Self::Closed(to) => to.flush(),
        }
    }
}
