//! What the window hears of a failure.

use parlour_client::Error;
use parlour_protocol::{LocalReason, Problem};
use serde::Serialize;
use specta::Type;

/// A failure: what went wrong, for which the window has the words. No sentence is in it.
#[derive(Debug, Clone, Serialize, Type)]
pub struct CommandError {
    /// What went wrong.
    pub problem: Problem,
    /// The address to try in place of the one that was given.
    pub target: Option<String>,
}

impl From<LocalReason> for CommandError {
    fn from(reason: LocalReason) -> Self {
        Self { problem: reason.into(), target: None }
    }
}

impl From<Error> for CommandError {
    fn from(error: Error) -> Self {
        tracing::debug!(%error, "a command failed");
        Self { problem: error.problem(), target: error.target().map(str::to_owned) }
    }
}

/// What a command answers.
pub type Answer<T> = Result<T, CommandError>;
