//! What a sign-in is told beside the password.

use serde::{Deserialize, Serialize};

/// What keeps the key of a new account's files, and its session's token.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[serde(tag = "by", rename_all = "camelCase")]
pub enum Keep {
    /// The system's keychain.
    Keychain,
    /// A passphrase, asked for at every start.
    Passphrase {
        /// At least 8 characters.
        passphrase: String,
    },
    /// Nothing: with this run the files here cannot be read any more.
    ThisRun,
}

/// How to sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub enum Starting {
    /// With an account that is there.
    SignIn,
    /// With a new one.
    Register,
}
