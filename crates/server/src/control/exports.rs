//! Exports of the whole server, whose progress is reported to the command that requested it.

use super::progress::{progress, with_progress};
use super::request::{Item, Reply};
use crate::app::App;
use crate::error::ApiError;
use crate::export::{ExportError, ExportFormat, ExportOptions, export};
use parlour_protocol::ErrorCode;
use std::error::Error;
use std::io::ErrorKind;
use std::path::PathBuf;
use tokio::sync::mpsc::Sender;

/// Exports the server into a new folder.
pub async fn export_to(
    app: &App,
    (format, to): (ExportFormat, PathBuf),
    with_files: bool,
    items: &Sender<Item>,
) -> Result<Reply, ApiError> {
    let (progress, on_progress) = progress();
    let options = ExportOptions { format, to, with_files };
    let exported = with_progress(items, &progress, export(app, options, on_progress)).await;
    exported.map(|report| Reply::Exported(report.into())).map_err(|error| to_api_error(&error))
}

/// Returns the error that the command reports. Failures of the server itself are also logged.
fn to_api_error(error: &ExportError) -> ApiError {
    let text = chain(error);
    let hint = match error {
        ExportError::Exists(_) | ExportError::Another | ExportError::Stopped => {
            return ApiError::invalid(text);
        }
        ExportError::Write { source, .. } => match source.kind() {
            ErrorKind::NotFound | ErrorKind::NotADirectory => return ApiError::invalid(text),
            ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => {
                ". The server writes the folder as its own user, and its service may restrict it to its own folder"
            }
            _ => "",
        },
        ExportError::Full { .. }
        | ExportError::Files { .. }
        | ExportError::NotStarted(_)
        | ExportError::Ended
        | ExportError::Database(_)
        | ExportError::Audit(_) => "",
    };
    tracing::error!(error = text, "an export failed");
    ApiError::new(ErrorCode::Internal, format!("{text}{hint}"))
}

/// Returns the messages of an error and its causes, in one line.
fn chain(error: &ExportError) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}
