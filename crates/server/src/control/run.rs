//! One request of the command line: through the server that runs, or without one.

#[cfg(unix)]
use super::ask::ask;
use super::error::ControlError;
use super::perform::perform;
use super::request::{Item, Reply, Request};
use super::status::Status;
#[cfg(not(unix))]
use super::without::ask;
use crate::app::App;
use crate::config::Config;
use crate::data_folder::is_held;
use crate::db::{DatabaseAddress, Ended};
use crate::start_error::StartError;
use std::path::Path;
use std::pin::pin;
use std::time::{Duration, Instant};
use tokio::sync::mpsc::channel;

/// How long a server may take to start or to end, or another command to do what it does.
const HELD: Duration = Duration::from_secs(10);
/// Items that wait to be heard.
const ITEMS: usize = 64;

/// Does one thing: through the server that runs on the folder, or by opening the database where none does.
/// `hear` gets what comes before the answer.
///
/// # Errors
/// See [`ControlError`].
pub async fn run(
    config: &Config,
    request: Request,
    mut hear: impl FnMut(Item),
) -> Result<Reply, ControlError> {
    let began = Instant::now();
    loop {
        if let Some(folder) = config.folder()
            && let Some(reply) = ask(folder, &request, &mut hear).await?
        {
            return Ok(reply);
        }
        if let (Request::Status, DatabaseAddress::Sqlite(_)) = (&request, &config.database) {
            return status(config);
        }
        match App::open(config).await {
            Ok((app, ended)) => return without_server(app, ended, request, hear).await,
            // Somebody else was quicker; a server that starts can be asked in a moment.
            Err(StartError::InUse(_)) if began.elapsed() < HELD => {}
            Err(StartError::InUse(folder)) => return Err(ControlError::Silent(folder)),
            Err(error) => return Err(error.into()),
        }
    }
}

/// Does one thing through the server that runs on a folder, whatever its settings say by now; nothing if none answers
/// there.
///
/// # Errors
/// See [`ControlError`].
pub async fn through_server(
    folder: &Path,
    request: &Request,
    hear: impl FnMut(Item),
) -> Result<Option<Reply>, ControlError> {
    ask(folder, request, hear).await
}

/// Of a server that does not answer: nothing is opened or made for it.
fn status(config: &Config) -> Result<Reply, ControlError> {
    match config.folder() {
        Some(folder) if is_held(folder) => Err(ControlError::Silent(folder.to_owned())),
        _ => Ok(Reply::Status(Status::stopped(config).into())),
    }
}

async fn without_server(
    app: App,
    ended: Ended,
    request: Request,
    mut hear: impl FnMut(Item),
) -> Result<Reply, ControlError> {
    let done = {
        let (items, mut told) = channel(ITEMS);
        let mut work = pin!(perform(&app, request, &items));
        let done = loop {
            tokio::select! {
                biased;
                Some(item) = told.recv() => hear(item),
                done = &mut work => break done,
            }
        };
        while let Ok(item) = told.try_recv() {
            hear(item);
        }
        done
    };
    drop(app);
    ended.wait().await;
    done.map_err(|error| ControlError::Refused(error.into()))
}
