//! Removes the bytes of files that nothing refers to.

use crate::app::App;
use crate::db::RemovalLock;
use crate::error::ApiError;
use crate::file_store::{FileKey, FileObjects, Owner, Store, belongs_to_another};
use crate::queries::files;
use parlour_protocol::Millis;
use std::collections::HashSet;
use std::time::Duration;
use tokio::sync::mpsc;

/// The number of files that are removed at once.
const BATCH_SIZE: i64 = 100;
/// The capacity of the channel from the listing of the store to the check of each file, which may have many objects.
const CHANNEL_CAPACITY: usize = 4;

/// The time between two searches for files to which no message refers.
const UNUSED_INTERVAL: Duration = Duration::from_secs(3600);
/// The time between two searches for orphaned objects: those that the database does not refer to.
const ORPHAN_INTERVAL: Duration = Duration::from_secs(24 * 3600);

/// Removes what nothing refers to, for as long as the server runs.
pub async fn run(app: &App) {
    let mut unused = tokio::time::interval(UNUSED_INTERVAL);
    let mut orphaned = tokio::time::interval(ORPHAN_INTERVAL);
    loop {
        let removed = tokio::select! {
            _ = unused.tick() => remove_unused(app).await,
            _ = orphaned.tick() => remove_orphaned_objects(app).await,
        };
        if let Err(error) = removed {
            tracing::warn!(error = error.message, "cannot remove unused files now; retrying later");
        }
    }
}

/// Removes the files to which no message has referred for a while. A file is first deleted from the database, in a
/// transaction that checks again that it is unused; if the server is killed after that, its objects are orphaned.
///
/// # Errors
/// Fails if the database fails, or on an I/O error; the rest is removed the next time.
async fn remove_unused(app: &App) -> Result<(), ApiError> {
    let Ok(store) = app.files.store() else { return Ok(()) };
    // A backup needs the files that existed when it began. They are removed the next time.
    let Ok(_removal) = app.files.removal.try_write() else { return Ok(()) };
    let _others = match app.db.url() {
        Some(url) => match RemovalLock::try_acquire(url).await? {
            Some(lock) => Some(lock),
            // Another server removes files now, or makes a backup.
            None => return Ok(()),
        },
        None => None,
    };
    let grace = i64::try_from(app.files.settings.grace.as_millis()).unwrap_or(i64::MAX);
    let before = Millis(app.now().0.saturating_sub(grace));
    loop {
        let unused = files::unused(&app.db.read().await?, before, BATCH_SIZE).await?;
        // Without an owner, the store contains none of their parts.
        if unused.is_empty() || owner(app, &store).await? == Owner::Another {
            return Ok(());
        }
        let keys = app.write(move |tx| {
            Box::pin(async move {
                let mut keys = Vec::new();
                for file in unused {
                    if files::delete(tx, &file, before).await? {
                        keys.push(FileKey::new(file.hash, file.id));
                    }
                }
                Ok(keys)
            })
        });
        let (keys, store) = (keys.await?, store.clone());
        access(app, move || keys.iter().try_for_each(|key| store.remove_all(key))).await?;
    }
}

/// Removes orphaned objects: those of uploads that were interrupted by the end of the process, and of files that were
/// deleted just before it ended.
///
/// # Errors
/// Fails if the database fails, or on an I/O error; the rest is removed the next time.
async fn remove_orphaned_objects(app: &App) -> Result<(), ApiError> {
    let Ok(store) = app.files.store() else { return Ok(()) };
    if owner(app, &store).await? != Owner::Itself {
        return Ok(());
    }
    // Objects are listed before the database is read: those written in between are not considered.
    let (sender, mut files) = mpsc::channel(CHANNEL_CAPACITY);
    let lister = store.clone();
    let listing = tokio::task::spawn_blocking(move || {
        lister.files(|file| sender.blocking_send(file).is_ok())
    });
    while let Some(file) = files.recv().await {
        remove_orphaned(app, &store, file).await?;
    }
    listing.await.map_err(|_| ApiError::internal())?.map_err(disk_error)
}

async fn remove_orphaned(app: &App, store: &Store, file: FileObjects) -> Result<(), ApiError> {
    let (FileObjects { key, age, objects }, settings) = (file, &app.files.settings);
    let (store, tx) = (store.clone(), app.db.read().await?);
    if !files::exists(&tx, key.id).await? {
        drop(tx);
        return match age >= settings.orphan_grace {
            true => access(app, move || store.remove_all(&key)).await,
            false => Ok(()),
        };
    }
    let parts = files::all_parts(&tx, key.id).await?;
    drop(tx);
    let known: HashSet<String> = parts.into_iter().map(|part| part.object).collect();
    let is_orphaned =
        |(name, age): &(String, Duration)| *age >= settings.part_grace && !known.contains(name);
    let orphaned: Vec<_> = objects.into_iter().filter(is_orphaned).collect();
    if orphaned.is_empty() {
        return Ok(());
    }
    access(app, move || orphaned.iter().try_for_each(|(name, _)| store.remove(&key, name))).await
}

/// Returns whether the store belongs to this server; logs an error if it belongs to another.
async fn owner(app: &App, store: &Store) -> Result<Owner, ApiError> {
    let (to_read, server) = (store.clone(), app.db.server_id()?);
    let owner = access(app, move || to_read.owner(&server)).await?;
    if owner == Owner::Another {
        tracing::error!(error = %belongs_to_another(store), "no file is removed, and none accepted");
    }
    Ok(owner)
}

async fn access<T: Send + 'static>(
    app: &App,
    work: impl FnOnce() -> std::io::Result<T> + Send + 'static,
) -> Result<T, ApiError> {
    app.files.access(work).await.map_err(disk_error)
}

fn disk_error(error: std::io::Error) -> ApiError {
    tracing::error!(%error, "cannot access the folder of files");
    ApiError::internal()
}
