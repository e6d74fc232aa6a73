//! Opens what is encrypted.

use super::error::BackupError;
use super::seal::WORK;
use age::secrecy::SecretString;
use age::{DecryptError, Decryptor, Identity, IdentityFile, scrypt};
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

/// The bytes with which an encrypted file begins.
const AGE: &[u8] = b"age-encryption.org/";
/// The bytes with which a compressed file begins.
const ZSTD: &[u8] = &[0x28, 0xb5, 0x2f, 0xfd];
/// The bytes that are read at a time.
const CHUNK: usize = 1024 * 1024;
/// The most work that a file may ask for; more would let a file that somebody made keep this computer busy.
const MOST_WORK: u8 = WORK + 5;

/// What opens a backup. It may hold a passphrase, and is therefore not to be printed.
pub enum Key {
    /// Nothing was said.
    None,
    /// This passphrase.
    Passphrase(String),
    /// An identity in this file, as `age-keygen` writes it.
    Identities(PathBuf),
}

/// How a backup is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encryption {
    /// Not at all.
    None,
    /// With a passphrase.
    ByPassphrase,
    /// To a recipient's key.
    ByRecipient,
}

impl Encryption {
    /// Returns how a backup is encrypted.
    ///
    /// # Errors
    /// Fails if it cannot be read, or is no backup.
    pub fn detect(file: &Path) -> Result<Self, BackupError> {
        let from = begin(file)?;
        if from.buffer().starts_with(ZSTD) {
            return Ok(Self::None);
        }
        let is_by_passphrase = decryptor(file, from)?.is_scrypt();
        Ok(if is_by_passphrase { Self::ByPassphrase } else { Self::ByRecipient })
    }
}

/// Returns a file's bytes as they were before they were encrypted.
pub(super) fn opened(file: &Path, key: &Key) -> Result<Box<dyn Read>, BackupError> {
    let from = begin(file)?;
    if from.buffer().starts_with(ZSTD) {
        return Ok(Box::new(from));
    }
    let decryptor = decryptor(file, from)?;
    let opened = match (key, decryptor.is_scrypt()) {
        (Key::Passphrase(passphrase), true) => {
            let mut one = scrypt::Identity::new(SecretString::from(passphrase.clone()));
            one.set_max_work_factor(MOST_WORK);
            decryptor.decrypt(std::iter::once(&one as &dyn Identity))
        }
        (Key::Identities(path), false) => {
            let all = identities(path)?;
            decryptor.decrypt(all.iter().map(|one| one.as_ref() as &dyn Identity))
        }
        (Key::None | Key::Identities(_), true) => {
            return Err(BackupError::NeedsPassphrase(file.to_owned()));
        }
        (Key::None | Key::Passphrase(_), false) => {
            return Err(BackupError::NeedsIdentity(file.to_owned()));
        }
    };
    match opened {
        Ok(opened) => Ok(Box::new(opened)),
        Err(error) => Err(decrypt_error(file, key, error)),
    }
}

fn begin(file: &Path) -> Result<BufReader<File>, BackupError> {
    let failed = |source| BackupError::Read { path: file.to_owned(), source };
    let mut from = BufReader::with_capacity(CHUNK, File::open(file).map_err(failed)?);
    let first = from.fill_buf().map_err(failed)?;
    if first.starts_with(ZSTD) || first.starts_with(AGE) {
        return Ok(from);
    }
    Err(BackupError::Foreign(file.to_owned()))
}

fn decryptor(
    file: &Path,
    from: BufReader<File>,
) -> Result<Decryptor<BufReader<File>>, BackupError> {
    Decryptor::new_buffered(from).map_err(|error| decrypt_error(file, &Key::None, error))
}

type Identities = Vec<Box<dyn Identity + Send + Sync>>;

fn identities(path: &Path) -> Result<Identities, BackupError> {
    let failed = |source| BackupError::Read { path: path.to_owned(), source };
    let from = BufReader::new(File::open(path).map_err(failed)?);
    let none = || BackupError::NoIdentity(path.to_owned());
    let all = IdentityFile::from_buffer(from).map_err(|_| none())?;
    let all = all.into_identities().map_err(|_| none())?;
    if all.is_empty() { Err(none()) } else { Ok(all) }
}

fn decrypt_error(file: &Path, key: &Key, error: DecryptError) -> BackupError {
    let path = file.to_owned();
    match (error, key) {
        (DecryptError::Io(source), _) => BackupError::unreadable(file, source),
        (DecryptError::UnknownFormat, _) => {
            BackupError::Newer { path, what: "another way to encrypt".to_owned() }
        }
        (DecryptError::InvalidHeader | DecryptError::InvalidMac, _) | (_, Key::None) => {
            BackupError::Damaged { path, why: "what says how it is encrypted".to_owned() }
        }
        (DecryptError::ExcessiveWork { .. }, _) => BackupError::Damaged {
            path,
            why: "it asks for more work to try a passphrase than a backup does".to_owned(),
        },
        (_, Key::Passphrase(_)) => BackupError::WrongPassphrase(path),
        (_, Key::Identities(identities)) => {
            BackupError::WrongIdentity { path, identities: identities.clone() }
        }
    }
}
