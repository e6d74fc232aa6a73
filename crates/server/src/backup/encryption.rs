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
pub(super) const WORK_FACTOR: u8 = 17;

/// The encryption of a backup. It may contain a passphrase, so `Debug` leaves that out.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum BackupEncryption {
    /// No encryption.
    #[default]
    #[serde(rename = "open")]
    None,
    /// Encryption with a passphrase.
    Passphrase(String),
    /// Encryption to a recipient (age1…): only the matching identity opens it.
    Recipient(String),
}

impl fmt::Debug for BackupEncryption {
    /// Leaves out the passphrase and the recipient.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_encrypted() { "encrypted" } else { "not encrypted" })
    }
}

/// Parses a recipient.
///
/// # Errors
/// Fails if the text is not a recipient.
pub fn recipient(text: &str) -> std::result::Result<x25519::Recipient, BackupError> {
    text.trim().parse().map_err(|_| BackupError::Recipient(text.to_owned()))
}

impl BackupEncryption {
    /// Returns whether backups are encrypted.
    pub fn is_encrypted(&self) -> bool {
        !matches!(self, Self::None)
    }

    pub(super) fn encryptor(&self) -> std::result::Result<Option<Encryptor>, BackupError> {
        let encryptor = |recipient: &dyn age::Recipient| {
            Encryptor::with_recipients(std::iter::once(recipient))
                .expect("a single recipient is always valid")
        };
        Ok(match self {
            Self::None => None,
            Self::Passphrase(passphrase) if passphrase.is_empty() => {
                return Err(BackupError::NoPassphrase);
            }
            Self::Passphrase(passphrase) => {
                let mut recipient = scrypt::Recipient::new(SecretString::from(passphrase.clone()));
                recipient.set_work_factor(WORK_FACTOR);
                Some(encryptor(&recipient))
            }
            Self::Recipient(text) => Some(encryptor(&recipient(text)?)),
        })
    }
}

/// A writer that encrypts, if requested.
pub enum EncryptingWriter<W: Write> {
    /// Writes without encryption.
    Plain(W),
    /// Writes with encryption.
    Encrypted(StreamWriter<W>),
}

impl<W: Write> EncryptingWriter<W> {
    /// Starts writing.
    pub fn begin(encryptor: Option<Encryptor>, to: W) -> Result<Self> {
        Ok(match encryptor {
            None => Self::Plain(to),
            Some(encryptor) => Self::Encrypted(encryptor.wrap_output(to)?),
        })
    }

    /// Writes the end.
    pub fn finish(self) -> Result<W> {
        match self {
            Self::Plain(to) => Ok(to),
            Self::Encrypted(to) => to.finish(),
        }
    }
}

impl<W: Write> Write for EncryptingWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> Result<usize> {
        match self {
            Self::Plain(to) => to.write(bytes),
            Self::Encrypted(to) => to.write(bytes),
        }
    }

    fn flush(&mut self) -> Result<()> {
        match self {
            Self::Plain(to) => to.flush(),
            Self::Encrypted(to) => to.flush(),
        }
    }
}
