//! What goes wrong in a client, and the one place that gives it a code and a sentence.

use parlour_protocol::{ErrorBody, ErrorCode};

/// A failure, with its cause.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The account's files.
    #[error("the account's files")]
    Store(#[from] parlour_store::Error),
    /// The server, or what stands in its place, answered so; or nothing answered.
    #[error("{}", .0.message)]
    Server(ErrorBody),
    /// The address cannot be used.
    #[error("{0}")]
    Address(&'static str),
    /// The keychain.
    #[error("the system's keychain")]
    Keychain(#[source] keyring::Error),
    /// Signing out would drop what waits.
    #[error("{0} actions wait to be sent")]
    OutboxNotEmpty(usize),
    /// Nobody is signed in.
    #[error("nobody is signed in")]
    SignedOut,
    /// What is to be changed is not there.
    #[error("there is no such message")]
    Gone,
}

impl Error {
    /// For programs.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::Store(error) => error.code(),
            Self::Server(body) => body.code,
            Self::Address(_) => ErrorCode::Invalid,
            Self::Keychain(_) => ErrorCode::Keychain,
            Self::OutboxNotEmpty(_) => ErrorCode::OutboxNotEmpty,
            Self::SignedOut => ErrorCode::SignedOut,
            Self::Gone => ErrorCode::Gone,
        }
    }

    /// For people: what happened, what was kept, what to do.
    pub fn sentence(&self) -> String {
        match self {
            Self::Server(body) => body.message.clone(),
            Self::Address(reason) => (*reason).into(),
            Self::Keychain(_) => "The system's keychain did not take the session. You can sign in \
                for this run only, or open the keychain and try again."
                .into(),
            Self::OutboxNotEmpty(count) => format!(
                "{count} of your actions have not reached the server yet and would be lost."
            ),
            Self::SignedOut => "You are not signed in.".into(),
            Self::Gone => "This message is no longer there.".into(),
            Self::Store(error) => match error.code() {
                ErrorCode::InUse => "Parlour is already running. Use the window that is open, or \
                    close it and start again."
                    .into(),
                ErrorCode::NewerFiles => "Your files were written by a newer version of Parlour \
                    and were left as they are. Install that version to open them."
                    .into(),
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
