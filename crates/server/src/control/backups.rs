//! Backups and checks of the database: long work, whose progress is reported to the command that requested it.

use super::lists::disconnected;
use super::progress::{progress, with_progress};
use super::request::{Item, Reply, Table, VerifyReport};
use crate::admin::audit::AuditReader;
use crate::admin::backups::{self, BackupContent};
use crate::app::App;
use crate::audit::{Action, Event};
use crate::backup::{BackupEncryption, BackupError};
use crate::caller::Actor;
use crate::db::Copied;
use crate::error::ApiError;
use crate::files;
use parlour_protocol::ErrorCode;
use std::io::ErrorKind;
use std::path::PathBuf;
use tokio::sync::mpsc::Sender;

/// Makes a backup; with the encryption of the settings, if none is requested.
pub async fn back_up(
    app: &App,
    file: PathBuf,
    (encryption, has_files): (Option<BackupEncryption>, bool),
    items: &Sender<Item>,
) -> Result<Reply, ApiError> {
    let encryption = encryption.unwrap_or_else(|| app.backups.encryption.clone());
    let content = BackupContent { encryption, has_files };
    let (progress, on_progress) = progress();
    let event = Event::by_actor(&Actor::CommandLine, Action::BackedUp);
    let backup =
        with_progress(items, &progress, backups::back_up(app, file, content, event, on_progress))
            .await;
    backup.map(Reply::BackedUp).map_err(to_api_error)
}

/// Checks the database, the files and the audit log for damage.
pub async fn verify(app: &App, items: &Sender<Item>) -> Result<Reply, ApiError> {
    let (progress, on_progress) = progress();
    let found = with_progress(items, &progress, backups::check(app, on_progress)).await;
    let (faults, tables) = found.map_err(to_api_error)?;
    let file_faults = with_progress(items, &progress, files::find_faults(app)).await?;
    for Copied { table, rows, digest } in tables {
        let table = Item::Table(Table { table: table.into(), rows, digest });
        items.send(table).await.map_err(disconnected)?;
    }
    let mut reader = AuditReader::begin(app).await?;
    while !reader.next().await?.is_empty() {}
    Ok(Reply::Checked(VerifyReport { faults, file_faults, audit: reader.end().await? }))
}

/// Returns the error that the command reports. Failures of the server itself are also logged.
fn to_api_error(error: BackupError) -> ApiError {
    let text = backups::chain(&error);
    match &error {
        BackupError::Write { source, .. } => {
            tracing::error!(error = text, "a backup failed");
            let hint = match source.kind() {
                ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => {
                    ". The server writes the file as its own user, and its service may restrict it to its own folder"
                }
                _ => "",
            };
            ApiError::new(ErrorCode::Internal, format!("{text}{hint}"))
        }
        BackupError::Full { .. }
        | BackupError::Database(_)
        | BackupError::DamagedDatabase(_)
        | BackupError::Ended => {
            tracing::error!(error = text, "a backup failed");
            ApiError::new(ErrorCode::Internal, text)
        }
        _ => ApiError::invalid(text),
    }
}
