//! The reasons why an account cannot be read.

use crate::error::Error;
use crate::status::AccountInfo;
use parlour_store::Key;
use std::sync::Arc;

/// The reason why an account cannot be read at present.
#[derive(Debug, Clone)]
pub enum Closed {
    /// The account's key is in the keychain, which has not responded or is locked.
    Keychain {
        /// Whether the account's files are plain ones of an earlier version, which still need a
        /// key.
        is_plain: bool,
    },
    /// The account waits for its passphrase.
    Passphrase,
    /// Its key is no longer on this computer. A recovery code, if one was made, is the only way to
    /// what had not reached the server.
    KeyLost {
        /// Whether a recovery code was made.
        has_recovery: bool,
    },
    /// The session was ended remotely: signing in again opens the account.
    Revoked {
        /// Whether its passphrase, or its recovery code, is needed, too.
        has_passphrase: bool,
        /// The account's user; `None` after a restart.
        account: Option<AccountInfo>,
        /// The key of its files, if it is stored nowhere else.
        key: Option<Key>,
    },
    /// The account's files could not be opened.
    Failed(Arc<Error>),
}

impl Closed {
    /// Returns the error for a caller that wants to use the account.
    pub(crate) fn error(&self) -> Error {
        match self {
            Self::Keychain { .. } | Self::Passphrase => Error::Locked,
            Self::KeyLost { .. } => Error::KeyLost,
            Self::Revoked { .. } => Error::Revoked,
            Self::Failed(error) => Error::Failed(error.clone()),
        }
    }
}
