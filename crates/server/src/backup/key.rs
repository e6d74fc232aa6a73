//! Decrypts and decompresses backups.

use super::encryption::WORK_FACTOR;
use super::error::BackupError;
use age::secrecy::SecretString;
use age::{DecryptError, Decryptor, Identity, IdentityFile, scrypt};
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

/// The bytes with which an encrypted file begins.
const AGE: &[u8] = b"age-encryption.org/";
/// The bytes with which a compressed file begins.
const ZSTD: &[u8] = &[0x28, 0xb5, 0x2f, 0xfd];
/// Number of bytes that are read at a time.
const CHUNK_BYTES: usize = 1024 * 1024;
/// Maximum work factor that a file may demand for its passphrase: with a higher one, a malicious file could use up
/// this computer's time.
const MAX_WORK_FACTOR: u8 = WORK_FACTOR + 5;

/// The secret that opens a backup. It may contain a passphrase, so it does not implement `Debug`.
pub enum Key {
    /// None was given.
    None,
    /// A passphrase.
    Passphrase(String),
    /// The path of a file of identities, as written by `age-keygen`.
    Identities(PathBuf),
}

/// The encryption of a backup.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EncryptionKind {
    /// It is not encrypted.
    None,
    /// It is encrypted with a passphrase.
    ByPassphrase,
    /// It is encrypted to a recipient's key.
    ByRecipient,
}

impl EncryptionKind {
    /// Returns how a backup is encrypted.
    ///
    /// # Errors
    /// Fails if the file cannot be read, or is not a backup.
    pub fn detect(file: &Path) -> Result<Self, BackupError> {
        let from = open_file(file)?;
        if from.buffer().starts_with(ZSTD) {
            return Ok(Self::None);
        }
        let is_by_passphrase = decryptor(file, from)?.is_scrypt();
        Ok(if is_by_passphrase { Self::ByPassphrase } else { Self::ByRecipient })
    }
}

/// Opens a backup. Returns a reader of its decrypted bytes.
pub(super) fn open_decrypted(file: &Path, key: &Key) -> Result<Box<dyn Read>, BackupError> {
    let from = open_file(file)?;
    if from.buffer().starts_with(ZSTD) {
        return Ok(Box::new(from));
    }
    let decryptor = decryptor(file, from)?;
    let result = match (key, decryptor.is_scrypt()) {
        (Key::Passphrase(passphrase), true) => {
            let mut identity = scrypt::Identity::new(SecretString::from(passphrase.clone()));
            identity.set_max_work_factor(MAX_WORK_FACTOR);
            decryptor.decrypt(std::iter::once(&identity as &dyn Identity))
        }
        (Key::Identities(path), false) => {
            let identities = identities(path)?;
            decryptor.decrypt(identities.iter().map(|identity| identity.as_ref() as &dyn Identity))
        }
        (Key::None | Key::Identities(_), true) => {
            return Err(BackupError::NeedsPassphrase(file.to_owned()));
        }
        (Key::None | Key::Passphrase(_), false) => {
            return Err(BackupError::NeedsIdentity(file.to_owned()));
        }
    };
    match result {
        Ok(reader) => Ok(Box::new(reader)),
        Err(error) => Err(decrypt_error(file, key, error)),
    }
}

fn open_file(file: &Path) -> Result<BufReader<File>, BackupError> {
    let failed = |source| BackupError::Read { path: file.to_owned(), source };
    let mut from = BufReader::with_capacity(CHUNK_BYTES, File::open(file).map_err(failed)?);
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
    let identities = IdentityFile::from_buffer(from).map_err(|_| none())?;
    let identities = identities.into_identities().map_err(|_| none())?;
    if identities.is_empty() { Err(none()) } else { Ok(identities) }
}

fn decrypt_error(file: &Path, key: &Key, error: DecryptError) -> BackupError {
    let path = file.to_owned();
    match (error, key) {
        (DecryptError::Io(source), _) => BackupError::unreadable(file, source),
        (DecryptError::UnknownFormat, _) => {
            BackupError::Newer { path, what: "an unknown kind of encryption".to_owned() }
        }
        (DecryptError::InvalidHeader | DecryptError::InvalidMac, _) | (_, Key::None) => {
            BackupError::Damaged { path, reason: "its encryption header".to_owned() }
        }
        (DecryptError::ExcessiveWork { .. }, _) => BackupError::Damaged {
            path,
            reason: "its work factor for the passphrase is too high".to_owned(),
        },
        (_, Key::Passphrase(_)) => BackupError::WrongPassphrase(path),
        (_, Key::Identities(identities)) => {
            BackupError::WrongIdentity { path, identities: identities.clone() }
        }
    }
}
