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
    /// Another process has locked the folder and does not respond.
    #[error(
        "{0} is in use by another parlour-server that does not respond: it may be starting or stopping, or be \
         another command; try again, or stop it first"
    )]
    NotResponding(PathBuf),
    /// The server stopped, or no longer responds.
    #[error("the running server did not respond; the request may have been performed or not")]
    Lost(#[source] std::io::Error),
    /// The database cannot be opened.
    #[error(transparent)]
    Start(#[from] StartError),
}
