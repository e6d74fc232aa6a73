//! What the window hears of a failure.

use parlour_client::Error;
use parlour_protocol::ErrorCode;
use serde::Serialize;
use specta::Type;

/// A failure: a code for the UI's switch, and a sentence for where the code alone says too little.
#[derive(Debug, Clone, Serialize, Type)]
pub struct CommandError {
    /// For programs.
    pub code: ErrorCode,
    /// For people.
    pub message: String,
    /// The address to try in place of the one that was given.
    pub target: Option<String>,
}

impl CommandError {
    /// One that says all there is to say.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), target: None }
    }
}

impl From<Error> for CommandError {
    fn from(error: Error) -> Self {
        tracing::debug!(%error, "a command failed");
        let target = error.target().map(str::to_owned);
        Self { target, ..Self::new(error.code(), error.sentence()) }
    }
}

/// What a command answers.
pub type Answer<T> = Result<T, CommandError>;
