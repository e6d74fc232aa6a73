//! The options of a sign-in besides the password.

use serde::{Deserialize, Serialize};

/// Where the key of a new account's files and the token of its session are stored.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[serde(tag = "by", rename_all = "camelCase")]
pub enum Keep {
    /// In the system's keychain.
    Keychain,
    /// In a file, encrypted with a passphrase that is asked for at every start.
    Passphrase {
        /// At least 8 characters.
        passphrase: String,
    },
    /// Nowhere: after this run, the files on this computer cannot be read any more.
    ThisRun,
}

/// Whether to sign in or to register.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub enum Starting {
    /// With an existing account.
    SignIn,
    /// With a new account.
    Register,
}
