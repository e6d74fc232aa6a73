//! The errors of commands.

use crate::start_error::StartError;
use parlour_protocol::ErrorBody;
use std::path::PathBuf;

/// The reason why a command could not do what was requested.
#[derive(Debug, thiserror::Error)]
pub enum ControlError {
    /// The request was refused.
    #[error("{}", .0.message)]
    Refused(ErrorBody),
    /// The server runs as another user.
    #[error("the server of {0} runs as another user: run this as that user, or as root")]
    NotYours(PathBuf),
    /// Another process has locked the folder and does not answer.
    #[error(
        "{0} is in use by another parlour-server that does not answer here: it may be starting, ending, \
         or another command; try again, or stop it first"
    )]
    Silent(PathBuf),
    /// The server stopped, or does not answer any more.
    #[error("the server that runs did not answer; what was asked may be done or not")]
    Lost(#[source] std::io::Error),
    /// The database cannot be opened.
    #[error(transparent)]
    Start(#[from] StartError),
}
