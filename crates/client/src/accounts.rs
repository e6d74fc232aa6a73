//! Which accounts are on this computer. Each has a folder, files, a token and tasks of its own: what
//! happens to one, or to its server, is nothing to the others.

use crate::{Error, Result};
use parlour_protocol::UserId;
use parlour_store::Store;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt;
use std::path::{Path, PathBuf};

/// An account on this computer: the name of its folder.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[serde(transparent)]
pub struct AccountId(String);

impl AccountId {
    /// The one of a person on a server: of the server too, because a server may call a person by any
    /// id, also by one of another server's.
    pub fn new(server: &str, user_id: UserId) -> Self {
        let digest = Sha256::digest(format!("{server}\n{user_id}"));
        Self(digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect())
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An account whose files could not be opened, and why.
#[derive(Debug)]
pub struct Closed {
    /// Which.
    pub id: AccountId,
    /// Why.
    pub error: Error,
}

/// The accounts that are there.
#[derive(Default)]
pub(crate) struct Found {
    /// Those that opened.
    pub open: Vec<(AccountId, Store)>,
    /// Those that did not.
    pub closed: Vec<Closed>,
}

/// The folder of an account.
pub(crate) fn folder(data: &Path, id: &AccountId) -> PathBuf {
    data.join("accounts").join(&id.0)
}

/// Opens every account in the folder.
///
/// # Errors
/// The folder cannot be read.
pub(crate) fn open_all(data: &Path) -> Result<Found> {
    let folder = data.join("accounts");
    let failed = |source| parlour_store::Error::Folder { path: folder.clone(), source };
    let entries = match std::fs::read_dir(&folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Found::default()),
        Err(source) => return Err(failed(source).into()),
    };
    let mut found = Found::default();
    for entry in entries {
        let entry = entry.map_err(failed)?;
        // Others' files may lie about; an account is a folder.
        if !entry.path().is_dir() {
            continue;
        }
        let id = AccountId(entry.file_name().to_string_lossy().into_owned());
        match Store::open(&entry.path(), None) {
            Ok(Some(store)) => found.open.push((id, store)),
            Ok(None) => {}
            Err(error) => found.closed.push(Closed { id, error: error.into() }),
        }
    }
    Ok(found)
}
