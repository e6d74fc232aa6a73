//! Removes the bytes of files that nothing refers to.

use crate::app::App;
use crate::error::ApiError;
use crate::file_store::{Folder, Group};
use crate::queries::files;
use parlour_protocol::Millis;
use std::collections::HashSet;
use std::time::Duration;
use tokio::sync::mpsc;

/// The number of files that are removed at once.
const BATCH: i64 = 100;
/// The number of files whose parts wait to be looked at.
const WAITING: usize = 64;
/// The largest number of parts that are read of a file at once.
const PARTS: i64 = 1000;

/// The time between two searches for files to which no message refers.
const UNUSED_INTERVAL: Duration = Duration::from_secs(3600);
/// The time between two searches for objects of which the database knows nothing.
const LOST_INTERVAL: Duration = Duration::from_secs(24 * 3600);

/// Removes what nothing refers to, for as long as the server runs.
pub async fn run(app: &App) {
    let mut unused = tokio::time::interval(UNUSED_INTERVAL);
    let mut lost = tokio::time::interval(LOST_INTERVAL);
    loop {
        let removed = tokio::select! {
            _ = unused.tick() => remove_unused(app).await,
            _ = lost.tick() => remove_lost_objects(app).await,
        };
        if let Err(error) = removed {
            tracing::warn!(error = error.message, "cannot remove unused files now; retrying later");
        }
    }
}

/// Removes the files to which no message has referred for a while. A file is first deleted from the database, in a
/// transaction that checks it once more, so that none is removed that a message was sent with meanwhile; a server that
/// is killed then leaves lost objects behind.
///
/// # Errors
/// Fails if the database or the disk does; what is left is removed the next time.
async fn remove_unused(app: &App) -> Result<(), ApiError> {
    let Ok(store) = app.files.folder() else { return Ok(()) };
    let grace = i64::try_from(app.files.settings.grace.as_millis()).unwrap_or(i64::MAX);
    let before = Millis(app.now().0.saturating_sub(grace));
    loop {
        let unused = files::unused(&app.db.read().await?, before, BATCH).await?;
        if unused.is_empty() {
            return Ok(());
        }
        let groups = app.write(move |tx| {
            Box::pin(async move {
                let mut groups = Vec::new();
                for file in unused {
                    if files::delete(tx, &file, before).await? {
                        groups.push(Group::new(file.hash, file.id));
                    }
                }
                Ok(groups)
            })
        });
        let (groups, store) = (groups.await?, store.clone());
        on_disk(move || groups.iter().try_for_each(|group| store.remove_group(group))).await?;
    }
}

/// Removes objects of which the database knows nothing: those of uploads that were cut off by the end of a process, and
/// of files that were deleted just before one ended.
///
/// # Errors
/// Fails if the database or the disk does; what is left is removed the next time.
async fn remove_lost_objects(app: &App) -> Result<(), ApiError> {
    let Ok(store) = app.files.folder() else { return Ok(()) };
    let (to, mut groups) = mpsc::channel(WAITING);
    let listing = store.clone();
    let listed = tokio::task::spawn_blocking(move || {
        listing.groups(|group| to.blocking_send(group).is_ok())
    });
    while let Some(group) = groups.recv().await {
        remove_lost(app, &store, group).await?;
    }
    listed.await.map_err(|_| ApiError::internal())?.map_err(failed)
}

async fn remove_lost(app: &App, store: &Folder, group: Group) -> Result<(), ApiError> {
    let settings = &app.files.settings;
    // What is there is listed first: what is written afterwards is not looked at.
    let (listing, place, age) = (store.clone(), group.clone(), settings.part_grace);
    let found = on_disk(move || listing.objects(&place, age)).await?;
    let tx = app.db.read().await?;
    if !files::exists(&tx, group.id).await? {
        let (store, age) = (store.clone(), settings.lost_grace);
        return on_disk(move || match store.is_older(&group, age) {
            true => store.remove_group(&group),
            false => Ok(()),
        })
        .await;
    }
    let (mut known, mut at) = (HashSet::new(), 0);
    loop {
        let parts = files::parts(&tx, group.id, at, PARTS).await?;
        let Some(last) = parts.last() else { break };
        let next = last.start + last.bytes;
        let is_end = i64::try_from(parts.len()).is_ok_and(|many| many < PARTS);
        known.extend(parts.into_iter().map(|part| part.object));
        if is_end {
            break;
        }
        at = next;
    }
    drop(tx);
    let lost: Vec<String> = found.into_iter().filter(|name| !known.contains(name)).collect();
    if lost.is_empty() {
        return Ok(());
    }
    let store = store.clone();
    on_disk(move || lost.iter().try_for_each(|name| store.remove(&group, name))).await
}

async fn on_disk<T: Send + 'static>(
    work: impl FnOnce() -> std::io::Result<T> + Send + 'static,
) -> Result<T, ApiError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|_| ApiError::internal())?.map_err(failed)
}

fn failed(error: std::io::Error) -> ApiError {
    tracing::error!(%error, "the folder of files");
    ApiError::internal()
}
