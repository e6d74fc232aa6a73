//! Why a command could not do what it was told.

use crate::start_error::StartError;
use parlour_protocol::ErrorBody;
use std::path::PathBuf;

/// Why a command could not do what it was told.
#[derive(Debug, thiserror::Error)]
pub enum ControlError {
    /// It was understood, and refused.
    #[error("{}", .0.message)]
    Refused(ErrorBody),
    /// Another user's server.
    #[error("the server of {0} runs as another user: run this as that user, or as root")]
    NotYours(PathBuf),
    /// Something has the folder and does not answer.
    #[error(
        "{0} is in use by another parlour-server that does not answer here: it may be starting, ending, \
         or another command; try again, or stop it first"
    )]
    Silent(PathBuf),
    /// The server was there, and is not any more, or does not answer.
    #[error("the server that runs did not answer; what was asked may be done or not")]
    Lost(#[source] std::io::Error),
    /// The database cannot be opened.
    #[error(transparent)]
    Start(#[from] StartError),
}
