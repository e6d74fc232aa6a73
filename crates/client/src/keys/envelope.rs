//! `key.json` as it lies beside an account's files: what keeps the key, and the key wrapped by the
//! passphrase and by the recovery code, if there are such.

use crate::error::{Error, Result};
use crate::status::Revocation;
use parlour_sqlite::durable;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// Its name in the account's folder.
const NAME: &str = "key.json";

/// What keeps the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum KeptBy {
    /// The system's keychain.
    Keychain,
    /// A passphrase of the user's.
    Passphrase,
    /// Nothing: it goes with the process.
    Run,
}

/// A key, encrypted by a key that is derived of a secret (Argon2id).
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

/// The content of `key.json`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Envelope {
    pub kept_by: KeptBy,
    /// Tells the right key from others and nothing else: a SHA-256 of the key with a prefix, in base64.
    pub check: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub passphrase: Option<Wrapped>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recovery: Option<Wrapped>,
    /// The session's token, sealed by the key; only with a passphrase.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<Sealed>,
    /// Since somebody ended the session: nothing opens the account but signing in again. The outbox says so
    /// too, where nobody takes it out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked: Option<Revocation>,
    /// The data folder under whose name the keychain has the key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kept_at: Option<PathBuf>,
    /// The key of what is left after a wipe.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spare: Option<Spare>,
}

/// A key that opens nothing yet. When the copy here is to be deleted, what never reached the server is
/// encrypted with it, and it takes the place of the other, which is gone then: nobody has to type the
/// passphrase for that.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Spare {
    pub check: String,
    /// Sealed by the key in use.
    pub sealed: Sealed,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub passphrase: Option<Wrapped>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recovery: Option<Wrapped>,
}

/// Bytes encrypted by a key (XChaCha20-Poly1305), in base64.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Sealed {
    pub nonce: String,
    pub sealed: String,
}

impl Envelope {
    /// The envelope of a key that nothing wraps yet.
    pub fn new(kept_by: KeptBy, check: String) -> Self {
        Self {
            kept_by,
            check,
            passphrase: None,
            recovery: None,
            token: None,
            revoked: None,
            kept_at: None,
            spare: None,
        }
    }

    /// Reads the one in a folder, if there is one.
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

    /// Writes it into a folder, whole or not at all; on the disk when it returns, also under its name: what
    /// comes after may delete the only other place where the key is.
    pub fn write(&self, folder: &Path) -> Result<()> {
        let text = serde_json::to_vec_pretty(self).expect("plain data");
        durable::write(&folder.join(NAME), &text).map_err(failed(folder))
    }
}

/// Makes an error of what went wrong in a folder.
pub(super) fn failed(folder: &Path) -> impl Fn(std::io::Error) -> Error {
    let path = folder.to_owned();
    move |source| parlour_store::Error::Folder { path: path.clone(), source }.into()
}
