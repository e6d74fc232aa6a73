//! How a backup is encrypted: not at all, with a passphrase, or to a recipient.

use super::error::BackupError;
use age::secrecy::SecretString;
use age::stream::StreamWriter;
use age::{Encryptor, scrypt, x25519};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::io::{Result, Write};

/// The work to try a passphrase, as a power of two: 128 MiB of memory and some tenths of a second. It is fixed, so
/// that a slower computer can open what a faster one made.
pub(super) const WORK: u8 = 17;

/// How a backup is encrypted. It may hold a passphrase, and is therefore not to be printed.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Seal {
    /// Not at all.
    #[default]
    Open,
    /// With a passphrase.
    Passphrase(String),
    /// To a recipient (age1…), whose identity alone opens it.
    Recipient(String),
}

impl fmt::Debug for Seal {
    /// Leaves out by what.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_sealed() { "sealed" } else { "open" })
    }
}

/// Returns the recipient in a text.
///
/// # Errors
/// Fails if it is none.
pub fn recipient(text: &str) -> std::result::Result<x25519::Recipient, BackupError> {
    text.trim().parse().map_err(|_| BackupError::Recipient(text.to_owned()))
}

impl Seal {
    /// Returns whether nothing can be read without a secret.
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

/// Writes through the encryption, if there is one.
pub enum Sealed<W: Write> {
    /// There is none.
    Open(W),
    /// There is one.
    Closed(StreamWriter<W>),
}

impl<W: Write> Sealed<W> {
    /// Begins to write.
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
