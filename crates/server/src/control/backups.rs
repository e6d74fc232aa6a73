//! Backups, and whether the database is whole: long work, of which whoever asked hears how far it is.

use super::lists::disconnected;
use super::request::{Item, Reply, Table, VerifyReport};
use crate::admin::audit::AuditReader;
use crate::admin::backups;
use crate::app::App;
use crate::audit::{Action, Event};
use crate::backup::{BackupError, Seal};
use crate::caller::Actor;
use crate::db::Copied;
use crate::error::ApiError;
use crate::lock::lock;
use parlour_protocol::ErrorCode;
use std::io::ErrorKind;
use std::path::PathBuf;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::sync::mpsc::Sender;

/// The time between two looks how far it is.
const PROGRESS_INTERVAL: Duration = Duration::from_millis(250);
/// The time after which it is told also where it is as far as before, so that nobody takes the server for gone.
const ALIVE: Duration = Duration::from_secs(10);

/// Makes a backup; encrypted as the settings say, if that is not said.
pub async fn back_up(
    app: &App,
    file: PathBuf,
    seal: Option<Seal>,
    items: &Sender<Item>,
) -> Result<Reply, ApiError> {
    let seal = seal.unwrap_or_else(|| app.backups.seal.clone());
    let (progress, on_progress) = progress();
    let event = Event::by_actor(&Actor::CommandLine, Action::BackedUp);
    let backup =
        with_progress(items, &progress, backups::back_up(app, file, seal, event, on_progress))
            .await;
    backup.map(Reply::BackedUp).map_err(refused)
}

/// Looks whether the database and the audit are whole.
pub async fn verify(app: &App, items: &Sender<Item>) -> Result<Reply, ApiError> {
    let (progress, on_progress) = progress();
    let found = with_progress(items, &progress, backups::check(app, on_progress)).await;
    let (faults, tables) = found.map_err(refused)?;
    for Copied { table, rows, digest } in tables {
        let table = Item::Table(Table { table: table.into(), rows, digest });
        items.send(table).await.map_err(disconnected)?;
    }
    let mut reading = AuditReader::begin(app).await?;
    while !reading.next().await?.is_empty() {}
    Ok(Reply::Checked(VerifyReport { faults, audit: reading.end().await? }))
}

type Progress = Arc<Mutex<(u64, u64)>>;

fn progress() -> (Progress, backups::OnProgress) {
    let progress = Progress::default();
    let shared = progress.clone();
    (progress, Box::new(move |done, total| *lock(&shared) = (done, total)))
}

/// Does the work, and tells meanwhile how far it is.
async fn with_progress<T>(
    items: &Sender<Item>,
    progress: &Progress,
    work: impl Future<Output = T>,
) -> T {
    let (mut work, mut ticks) = (pin!(work), tokio::time::interval(PROGRESS_INTERVAL));
    let (mut last, mut reported_at) = ((0, 0), Instant::now());
    loop {
        tokio::select! {
            done = &mut work => return done,
            _ = ticks.tick() => {
                let now = *lock(progress);
                if now != last || reported_at.elapsed() >= ALIVE {
                    (last, reported_at) = (now, Instant::now());
                    // Where nobody can be told just now, the next one tells as much.
                    let _ = items.try_send(Item::Progress { done: now.0, total: now.1 });
                }
            }
        }
    }
}

/// What a command is told of it. The server's own failures are in its log too.
fn refused(error: BackupError) -> ApiError {
    let text = backups::chain(&error);
    match &error {
        BackupError::Write { source, .. } => {
            tracing::error!(error = text, "a backup failed");
            let hint = match source.kind() {
                ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => {
                    ". The server writes it, as its own user, and its service may keep it to its own folder"
                }
                _ => "",
            };
            ApiError::new(ErrorCode::Internal, format!("{text}{hint}"))
        }
        BackupError::Full { .. }
        | BackupError::Database(_)
        | BackupError::Unsound(_)
        | BackupError::Ended => {
            tracing::error!(error = text, "a backup failed");
            ApiError::new(ErrorCode::Internal, text)
        }
        _ => ApiError::invalid(text),
    }
}
