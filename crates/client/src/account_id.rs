//! The ids of accounts, and the paths of their folders.

use parlour_protocol::UserId;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt;
use std::path::{Path, PathBuf};

/// The id of an account on this computer, which is also the name of its folder.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[serde(transparent)]
pub struct AccountId(String);

impl AccountId {
    /// Returns the id of a user's account on a server. It depends on the server, too, because a
    /// server may give a user any id, including one that another server gave.
    pub fn new(server: &str, user_id: UserId) -> Self {
        let digest = Sha256::digest(format!("{server}\n{user_id}"));
        Self(digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect())
    }

    /// Returns the id of the account whose folder has this name.
    pub(crate) fn of_folder(name: &str) -> Self {
        Self(name.to_owned())
    }

    /// Returns the path of the account's folder, below the data folder.
    pub(crate) fn folder(&self, data: &Path) -> PathBuf {
        accounts_folder(data).join(&self.0)
    }
}

/// Returns the path of the folder of all accounts, below the data folder.
pub(crate) fn accounts_folder(data: &Path) -> PathBuf {
    data.join("accounts")
}

/// Returns the path of the folder for accounts that could not be opened, below the data folder.
pub(crate) fn set_aside_folder(data: &Path) -> PathBuf {
    data.join("set-aside")
}

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
