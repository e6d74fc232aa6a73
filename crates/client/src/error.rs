//! The client's errors, and the one place that maps them to a [`Problem`].

use crate::invitation;
use parlour_protocol::{ErrorBody, ErrorCode, LocalReason, Problem};
use std::time::Duration;

/// The result of the client's functions.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A failure, with its cause. Its text is for terminals and logs.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file of the account could not be read or written.
    #[error("the account's files")]
    Store(#[from] parlour_store::Error),
    /// The server, or something in its place, refused the request, or nothing responded.
    #[error("{}", .0.message)]
    Server(ErrorBody),
    /// The request was refused on this computer, before anything was sent.
    #[error(transparent)]
    Local(#[from] LocalReason),
    /// The address redirects to a server at another one.
    #[error("{from} redirects to {}", invitation::split(.to).0)]
    Moved {
        /// The address that was entered.
        from: String,
        /// The other server's address, or a link with the same invitation to it.
        to: String,
    },
    /// The system's keychain failed, or did not accept what it was given.
    #[error("the system's keychain")]
    Keychain(#[source] keyring_core::Error),
    /// Signing out would drop actions that wait to be sent.
    #[error("{0} actions wait to be sent")]
    OutboxNotEmpty(usize),
    /// The account is on this computer, but not open.
    #[error("the account is locked")]
    Locked,
    /// The passphrase or the recovery code is wrong.
    #[error("wrong passphrase")]
    WrongPassphrase,
    /// After several wrong attempts, the next one must wait this long.
    #[error("too many wrong passphrases")]
    TooManyAttempts(Duration),
    /// The key of the account's files is no longer on this computer.
    #[error("the key of the account's files is not on this computer")]
    KeyLost,
    /// The account's session on this device was ended remotely.
    #[error("the account's session was ended")]
    Revoked,
    /// The account could not be opened before, for this reason.
    #[error("the account could not be opened")]
    Failed(#[source] std::sync::Arc<Error>),
    /// No account is open, or this one is not on this computer.
    #[error("nobody is signed in")]
    SignedOut,
}

impl Error {
    /// Returns the error's code, by which programs distinguish errors.
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

    /// Returns the address to try instead of the entered one.
    pub fn target(&self) -> Option<&str> {
        if let Self::Moved { to, .. } = self { Some(to) } else { None }
    }

    /// Returns the problem as a code and a reason, for which the window has the sentences.
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
                LocalReason::FilesFail { cause: innermost_cause(error) }.into()
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

/// Returns the innermost cause, in the words of the system or of SQLite.
fn innermost_cause(error: &dyn std::error::Error) -> String {
    error.source().map_or_else(|| error.to_string(), innermost_cause)
}

impl From<ErrorBody> for Error {
    fn from(body: ErrorBody) -> Self {
        Self::Server(body)
    }
}
