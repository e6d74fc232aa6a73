//! The errors of commands.

use parlour_client::Error;
use parlour_protocol::{LocalReason, Problem};
use serde::Serialize;
use specta::Type;

/// An error as a code and a reason, for which the page has the sentences.
#[derive(Debug, Clone, Serialize, Type)]
pub struct CommandError {
    /// The code and the reason.
    pub problem: Problem,
    /// The address to try instead of the entered one.
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

/// The result of a command.
pub type CommandResult<T> = Result<T, CommandError>;
