//! `key.json`, which is stored next to an account's files: it states where the key is stored, and
//! contains the key wrapped by the passphrase and by the recovery code, if these exist.

use crate::error::{Error, Result};
use crate::status::Revocation;
use parlour_sqlite::durable;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// The file's name in the account's folder.
const NAME: &str = parlour_store::KEYS;

/// The place where the key is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum KeyStorage {
    /// The system's keychain.
    Keychain,
    /// A passphrase of the user.
    Passphrase,
    /// Only memory: the key is lost when the process ends.
    #[serde(rename = "run")]
    Memory,
}

/// A key, encrypted with a key that is derived from a secret (Argon2id).
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Wrapped {
    pub memory_kib: u32,
    pub passes: u32,
    pub lanes: u32,
    pub salt: String,
    pub nonce: String,
    pub sealed: String,
}

/// The contents of `key.json`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Envelope {
    #[serde(rename = "keptBy")]
    pub storage: KeyStorage,
    /// Identifies the right key and reveals nothing else: the first 16 bytes of a SHA-256 of the
    /// key with a prefix, in base64.
    pub check: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub passphrase: Option<Wrapped>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recovery: Option<Wrapped>,
    /// The session's token, encrypted with the key; only with a passphrase.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<Sealed>,
    /// Set if the session was ended remotely: only signing in again opens the account. The
    /// encrypted outbox contains this, too, where it cannot be removed without the key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked: Option<Revocation>,
    /// The data folder that the name of the keychain's entry is derived from.
    #[serde(default, rename = "keptAt", skip_serializing_if = "Option::is_none")]
    pub keychain_folder: Option<PathBuf>,
    /// The key for what remains after a wipe.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spare: Option<Spare>,
}

/// A key that does not open anything yet. When a wipe is requested, what never reached the server
/// is encrypted with it, and it replaces the key in use, which is destroyed: nobody has to enter
/// the passphrase for that.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Spare {
    pub check: String,
    /// The spare key, encrypted with the key in use.
    pub sealed: Sealed,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub passphrase: Option<Wrapped>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recovery: Option<Wrapped>,
}

/// Bytes encrypted with a key (XChaCha20-Poly1305), in base64.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Sealed {
    pub nonce: String,
    pub sealed: String,
}

impl Envelope {
    /// Creates the envelope of a key that is not wrapped yet.
    pub fn new(storage: KeyStorage, check: String) -> Self {
        Self {
            storage,
            check,
            passphrase: None,
            recovery: None,
            token: None,
            revoked: None,
            keychain_folder: None,
            spare: None,
        }
    }

    /// Reads the envelope in a folder; `None` if there is none.
    pub fn read(folder: &Path) -> Result<Option<Self>> {
        let failed = failed(folder);
        match std::fs::read(folder.join(NAME)) {
            Ok(text) => {
                serde_json::from_slice(&text).map(Some).map_err(|error| failed(error.into()))
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(failed(error)),
        }
    }

    /// Writes the envelope into a folder, atomically. The file and its name are on the disk when
    /// this returns, because the next step may delete the only other copy of the key.
    pub fn write(&self, folder: &Path) -> Result<()> {
        let text = serde_json::to_vec_pretty(self).expect("plain data");
        durable::write(&folder.join(NAME), &text).map_err(failed(folder))
    }
}

/// Returns a function that converts I/O errors in a folder.
pub(super) fn failed(folder: &Path) -> impl Fn(std::io::Error) -> Error {
    let path = folder.to_owned();
    move |source| parlour_store::Error::Folder { path: path.clone(), source }.into()
}
