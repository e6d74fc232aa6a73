//! What goes wrong in a client, and the one place that gives it a code and a sentence.

use crate::invitation;
use parlour_protocol::{ErrorBody, ErrorCode};

/// What a client's functions answer.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A failure, with its cause.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The account's files failed.
    #[error("the account's files")]
    Store(#[from] parlour_store::Error),
    /// The server, or what stands in its place, answered so; or nothing answered.
    #[error("{}", .0.message)]
    Server(ErrorBody),
    /// The address cannot be used.
    #[error("{0}")]
    Address(&'static str),
    /// The address leads to a server at another one.
    #[error("{from} leads to {to}")]
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
    TooManyAttempts(std::time::Duration),
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
    /// What is to be changed is not there.
    #[error("there is no such message")]
    Gone,
}

impl Error {
    /// What the caller asked for is not valid, in a sentence.
    pub(crate) fn invalid(message: &str) -> Self {
        ErrorBody { code: ErrorCode::Invalid, message: message.into(), retry_after_ms: None }.into()
    }

    /// The error's code, by which programs tell errors apart.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::Store(error) => error.code(),
            Self::Server(body) => body.code,
            Self::Address(_) => ErrorCode::Invalid,
            Self::Moved { .. } => ErrorCode::Moved,
            Self::Keychain(_) => ErrorCode::Keychain,
            Self::OutboxNotEmpty(_) => ErrorCode::OutboxNotEmpty,
            Self::Locked => ErrorCode::Locked,
            Self::WrongPassphrase | Self::TooManyAttempts(_) => ErrorCode::WrongPassphrase,
            Self::KeyLost => ErrorCode::KeyLost,
            Self::Revoked => ErrorCode::Revoked,
            Self::Failed(error) => error.code(),
            Self::SignedOut => ErrorCode::SignedOut,
            Self::Gone => ErrorCode::Gone,
        }
    }

    /// The address to try in place of the one that was given.
    pub fn target(&self) -> Option<&str> {
        if let Self::Moved { to, .. } = self { Some(to) } else { None }
    }

    /// The error in a sentence for people: what happened, what was kept, what to do.
    pub fn sentence(&self) -> String {
        match self {
            Self::Server(body) => body.message.clone(),
            Self::Address(reason) => (*reason).into(),
            Self::Moved { from, to } => {
                let to = invitation::split(to).0;
                format!(
                    "{from} leads to {to}. Nothing was sent there yet: go on only if that is the server \
                    that you mean."
                )
            }
            Self::Keychain(_) => "The system's keychain did not take the session. You can sign in \
                for this session only, or unlock the keychain and try again."
                .into(),
            Self::OutboxNotEmpty(1) => {
                "One of your actions has not reached the server yet and would be lost.".into()
            }
            Self::OutboxNotEmpty(count) => format!(
                "{count} of your actions have not reached the server yet and would be lost."
            ),
            Self::Locked => "This account is on this computer and locked. Unlock it first.".into(),
            Self::WrongPassphrase => "Wrong passphrase. Nothing was changed.".into(),
            Self::TooManyAttempts(wait) => format!(
                "Several were wrong. The next one can be tried in {} seconds.",
                wait.as_secs() + 1
            ),
            Self::KeyLost => "The key of this account's files is not on this computer any more. \
                With its recovery code they can be opened; or sign in and download everything again."
                .into(),
            Self::Revoked => {
                "This device was signed out. It shows nothing until you sign in again; what \
                was not sent is kept."
                    .into()
            }
            Self::Failed(error) => error.sentence(),
            Self::SignedOut => "You are not signed in.".into(),
            Self::Gone => "This message is no longer there.".into(),
            Self::Store(error) => match error.code() {
                ErrorCode::InUse => "Parlour is already running. Use the window that is open, or \
                    close it and start again."
                    .into(),
                ErrorCode::NewerFiles => "Your files were written by a newer version of Parlour \
                    and were left as they are. Install that version to open them."
                    .into(),
                ErrorCode::SignedOut => {
                    "This account is being closed and takes nothing more.".into()
                }
                ErrorCode::DiskFull => "The disk is full. Nothing was lost, but nothing more can \
                    be kept until there is room."
                    .into(),
                _ => format!(
                    "A file of your account could not be read or written: {}.",
                    chain(error)
                ),
            },
        }
    }
}

fn chain(error: &dyn std::error::Error) -> String {
    let cause = error.source().map(|cause| format!(": {}", chain(cause)));
    format!("{error}{}", cause.unwrap_or_default())
}

impl From<ErrorBody> for Error {
    fn from(body: ErrorBody) -> Self {
        Self::Server(body)
    }
}
