//! What goes wrong in a client, and the one place that says which [`Problem`] that is.

use crate::invitation;
use parlour_protocol::{ErrorBody, ErrorCode, LocalReason, Problem};
use std::time::Duration;

/// What a client's functions answer.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A failure, with its cause. As it prints, it is for terminals and logs.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The account's files failed.
    #[error("the account's files")]
    Store(#[from] parlour_store::Error),
    /// The server, or what stands in its place, answered so; or nothing answered.
    #[error("{}", .0.message)]
    Server(ErrorBody),
    /// It was refused before anybody was asked.
    #[error(transparent)]
    Local(#[from] LocalReason),
    /// The address leads to a server at another one.
    #[error("{from} leads to {}", invitation::split(.to).0)]
    Moved {
        /// What was asked for.
        from: String,
        /// The other server's address, or the same invitation to it.
        to: String,
    },
    /// The system's keychain failed, or did not take what it was given.
    #[error("the system's keychain")]
    Keychain(#[source] keyring_core::Error),
    /// Signing out would drop what waits.
    #[error("{0} actions wait to be sent")]
    OutboxNotEmpty(usize),
    /// The account is on this computer and not open.
    #[error("the account is locked")]
    Locked,
    /// The passphrase or the recovery code is not the right one.
    #[error("not the right passphrase")]
    WrongPassphrase,
    /// Several were wrong: the next one has to wait.
    #[error("too many wrong passphrases")]
    TooManyAttempts(Duration),
    /// The key of the account's files is gone.
    #[error("the key of the account's files is not on this computer")]
    KeyLost,
    /// Somebody ended the account's session here.
    #[error("the account's session was ended")]
    Revoked,
    /// The account's files failed before.
    #[error("the account could not be opened")]
    Failed(#[source] std::sync::Arc<Error>),
    /// Nobody is signed in.
    #[error("nobody is signed in")]
    SignedOut,
}

impl Error {
    /// The error's code, by which programs tell errors apart.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::Store(error) => error.code(),
            Self::Server(body) => body.code,
            Self::Local(reason) => reason.code(),
            Self::Moved { .. } => ErrorCode::Moved,
            Self::Keychain(_) => ErrorCode::Keychain,
            Self::OutboxNotEmpty(_) => ErrorCode::OutboxNotEmpty,
            Self::Locked => ErrorCode::Locked,
            Self::WrongPassphrase | Self::TooManyAttempts(_) => ErrorCode::WrongPassphrase,
            Self::KeyLost => ErrorCode::KeyLost,
            Self::Revoked => ErrorCode::Revoked,
            Self::Failed(error) => error.code(),
            Self::SignedOut => ErrorCode::SignedOut,
        }
    }

    /// The address to try in place of the one that was given.
    pub fn target(&self) -> Option<&str> {
        if let Self::Moved { to, .. } = self { Some(to) } else { None }
    }

    /// What whoever shows it is told: they have the words.
    pub fn problem(&self) -> Problem {
        match self {
            Self::Server(body) => body.problem(),
            Self::Local(reason) => reason.clone().into(),
            Self::Moved { from, to } => {
                let (host, to) = (from.clone(), invitation::split(to).0.into());
                LocalReason::LeadsElsewhere { host, to }.into()
            }
            Self::OutboxNotEmpty(count) => {
                LocalReason::Unsent { count: u32::try_from(*count).unwrap_or(u32::MAX) }.into()
            }
            Self::TooManyAttempts(wait) => {
                let seconds = u32::try_from(wait.as_secs() + 1).unwrap_or(u32::MAX);
                LocalReason::TooManyAttempts { seconds }.into()
            }
            Self::Failed(error) => error.problem(),
            Self::Store(error) if error.code() == ErrorCode::Storage => {
                LocalReason::FilesFail { cause: innermost(error) }.into()
            }
            Self::Store(_)
            | Self::Keychain(_)
            | Self::Locked
            | Self::WrongPassphrase
            | Self::KeyLost
            | Self::Revoked
            | Self::SignedOut => self.code().into(),
        }
    }
}

/// The cause of all, as the system or SQLite has it.
fn innermost(error: &dyn std::error::Error) -> String {
    error.source().map_or_else(|| error.to_string(), innermost)
}

impl From<ErrorBody> for Error {
    fn from(body: ErrorBody) -> Self {
        Self::Server(body)
    }
}
