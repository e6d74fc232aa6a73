//! Runs one request of the command line: through a running server, or without one.

use super::error::ControlError;
use super::perform::perform;
use super::request::{Item, Reply, Request};
use super::send_request::send_request;
use super::status::Status;
use crate::app::App;
use crate::config::Config;
use crate::data_folder::{is_locked, require_database};
use crate::data_names::DATABASE;
use crate::db::{DatabaseAddress, Shutdown};
use crate::lost_database::LostDatabase;
use crate::start_error::StartError;
use std::path::Path;
use std::pin::pin;
use std::time::{Duration, Instant};
use tokio::sync::mpsc::channel;

/// The longest time to wait while a server starts or stops, or another command runs.
const LOCK_TIMEOUT: Duration = Duration::from_secs(10);
/// The capacity of the channel of items.
const CHANNEL_CAPACITY: usize = 64;

/// Performs one request: through the running server of the folder, or by opening the database if none is running.
/// `on_item` is called with each item that is sent before the response.
///
/// # Errors
/// Fails for the reasons that [`ControlError`] lists.
pub async fn run(
    config: &Config,
    request: Request,
    mut on_item: impl FnMut(Item),
) -> Result<Reply, ControlError> {
    let began = Instant::now();
    loop {
        if let Some(folder) = config.folder()
            && let Some(reply) = send_request(folder, &request, &mut on_item).await?
        {
            return Ok(reply);
        }
        if let (Request::Status, DatabaseAddress::Sqlite(file)) = (&request, &config.database) {
            return status(config, file);
        }
        if !request.begins_database()
            && let Err(error) = require_database(&config.database)
        {
            return match &request {
                Request::Import(_) => in_empty_folder(config, request, on_item).await,
                _ => Err(error.into()),
            };
        }
        match App::open(config).await {
            Ok((app, ended)) => return without_server(app, ended, request, on_item).await,
            // Another process got the lock first; a starting server will soon accept requests.
            Err(StartError::InUse(_)) if began.elapsed() < LOCK_TIMEOUT => {}
            Err(StartError::InUse(folder)) => return Err(ControlError::NotResponding(folder)),
            Err(error) => return Err(error.into()),
        }
    }
}

/// Performs a dry run of an import for a server that does not exist yet: on an empty database in a temporary folder.
async fn in_empty_folder(
    config: &Config,
    request: Request,
    on_item: impl FnMut(Item),
) -> Result<Reply, ControlError> {
    let path = std::env::temp_dir();
    let folder = tempfile::tempdir().map_err(|source| StartError::Data { path, source })?;
    let database = DatabaseAddress::Sqlite(folder.path().join(DATABASE));
    let config = Config { database, folder: None, ..config.clone() };
    let (app, ended) = App::open(&config).await?;
    without_server(app, ended, request, on_item).await
}

/// Performs one request through the running server of a folder, whatever the current settings are; returns `None` if
/// none responds.
///
/// # Errors
/// Fails for the reasons that [`ControlError`] lists.
pub async fn through_server(
    folder: &Path,
    request: &Request,
    on_item: impl FnMut(Item),
) -> Result<Option<Reply>, ControlError> {
    send_request(folder, request, on_item).await
}

/// Returns the status of a server that does not respond, without creating or changing anything.
fn status(config: &Config, file: &Path) -> Result<Reply, ControlError> {
    match config.folder() {
        Some(folder) if is_locked(folder) => Err(ControlError::NotResponding(folder.to_owned())),
        _ => match LostDatabase::find(file) {
            Some(lost) => Err(StartError::Lost(lost).into()),
            None => Ok(Reply::Status(Status::stopped(config, file).into())),
        },
    }
}

async fn without_server(
    app: App,
    ended: Shutdown,
    request: Request,
    mut on_item: impl FnMut(Item),
) -> Result<Reply, ControlError> {
    let reply = {
        let (items, mut received) = channel(CHANNEL_CAPACITY);
        let mut work = pin!(perform(&app, request, &items));
        let reply = loop {
            tokio::select! {
                biased;
                Some(item) = received.recv() => on_item(item),
                reply = &mut work => break reply,
            }
        };
        while let Ok(item) = received.try_recv() {
            on_item(item);
        }
        reply
    };
    drop(app);
    ended.wait().await;
    reply.map_err(|error| ControlError::Refused(error.into()))
}
