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
}

impl From<Error> for CommandError {
    fn from(error: Error) -> Self {
        tracing::debug!(%error, "a command failed");
        Self { code: error.code(), message: error.sentence() }
    }
}

/// What a command answers.
pub type Answer<T> = Result<T, CommandError>;
