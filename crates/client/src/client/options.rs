//! The options of a sign-in.

use serde::{Deserialize, Serialize};

/// The place where the key of a new account's files and its session's token are stored.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[serde(tag = "storage", rename_all = "camelCase")]
pub enum KeyStorageChoice {
    /// The system's keychain.
    Keychain,
    /// A file, encrypted with a passphrase that must be entered at every start.
    Passphrase {
        /// The passphrase, of at least 8 characters.
        passphrase: String,
    },
    /// Only memory: after the program ends, the files on this computer can no longer be read.
    Memory,
}

/// Whether a sign-in registers an account first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub enum SignInMode {
    /// Signs in to an existing account.
    SignIn,
    /// Registers a new account, and signs in to it.
    Register,
}
