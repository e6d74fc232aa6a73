//! Uploads. What one user does here is nobody else's matter: another one with the same file begins from the start, in
//! the same time.

use crate::app::App;
use crate::caller::Caller;
use crate::db::Tx;
use crate::error::ApiError;
use crate::file_store::{FileSettings, Folder, Group, Hasher, Permit, Progress, is_full, new_part};
use crate::queries::files::{self, Part, StoredFile};
use axum::body::Bytes;
use parlour_protocol::{
    Count, ErrorCode, FileHash, FileLimits, Millis, NewUpload, PictureFormat, Refusal, Upload,
    UserId, limits as most,
};
use uuid::Uuid;

/// Returns what the server takes from this user.
///
/// # Errors
/// Fails if the database does, or if the session has ended.
pub async fn limits(app: &App, caller: Caller) -> Result<FileLimits, ApiError> {
    let tx = app.db.read().await?;
    caller.require(&tx, app.now()).await?;
    let used = files::usage(&tx, caller.user_id).await?;
    Ok(app.files.settings.limits(used))
}

/// Begins an upload, or returns the state of one that began before.
///
/// # Errors
/// Fails if the server does not take the file: see [`FileLimits::check`].
pub async fn begin(
    app: &App,
    caller: Caller,
    hash: FileHash,
    new: NewUpload,
) -> Result<Upload, ApiError> {
    new.check()?;
    let (now, all) = (app.now(), app.files.clone());
    app.write(move |tx| {
        Box::pin(async move {
            caller.require(tx, now).await?;
            if let Some(known) = files::find(tx, caller.user_id, hash).await? {
                if known.upload.bytes != new.bytes {
                    return Err(ApiError::invalid("This file was announced with another size."));
                }
                files::touch(tx, known.id, now).await?;
                return Ok(known.upload);
            }
            let used = files::usage(tx, caller.user_id).await?;
            all.settings.limits(used).check(new.bytes.0, &new.media_type)?;
            check_room(tx, &all.settings, new.bytes.0).await?;
            let (id, bytes) = (Uuid::now_v7(), new.bytes);
            files::insert(tx, (id, caller.user_id), (hash, bytes.0), now).await?;
            Ok(Upload { hash, bytes, received: Count(0), is_complete: false })
        })
    })
    .await
}

/// Returns the state of an upload.
///
/// # Errors
/// Fails if this user began none.
pub async fn state(app: &App, caller: Caller, hash: FileHash) -> Result<Upload, ApiError> {
    Ok(find(app, caller, hash).await?.upload)
}

async fn find(app: &App, caller: Caller, hash: FileHash) -> Result<StoredFile, ApiError> {
    let tx = app.db.read().await?;
    caller.require(&tx, app.now()).await?;
    require(&tx, caller.user_id, hash).await
}

async fn require(tx: &Tx, user: UserId, hash: FileHash) -> Result<StoredFile, ApiError> {
    files::find(tx, user, hash).await?.ok_or_else(|| ApiError::not_found("upload"))
}

/// Gives an upload up, with what was uploaded. One that a message refers to stays.
///
/// # Errors
/// Fails if this user began none.
pub async fn cancel(app: &App, caller: Caller, hash: FileHash) -> Result<(), ApiError> {
    let now = app.now();
    let removed = app.write(move |tx| {
        Box::pin(async move {
            caller.require(tx, now).await?;
            let file = require(tx, caller.user_id, hash).await?.unused(caller.user_id);
            let id = file.id;
            // The server's time never goes back, so this one was left before the end of time.
            Ok(files::delete(tx, &file, Millis(i64::MAX)).await?.then_some(id))
        })
    });
    if let Some(id) = removed.await? {
        let group = Group::new(hash, id);
        remove(app, move |store| store.remove_group(&group)).await;
    }
    Ok(())
}

/// Adds a part that begins at `start`, and returns the state once it is on the disk. Nothing changes if that part is
/// there already. With the last part the hash is checked; if it differs, the upload begins anew. `read` reads the part.
///
/// # Errors
/// Fails if there is no such upload, if the part is not the next one, if it is too large or too small, if the bytes are
/// not those that were announced, or if the disk is full.
pub async fn add_part(
    app: &App,
    caller: Caller,
    (hash, start): (FileHash, i64),
    read: impl AsyncFnOnce(&Progress) -> Result<Bytes, ApiError>,
) -> Result<Upload, ApiError> {
    let store = app.files.folder()?;
    let file = find(app, caller, hash).await?;
    let permit = app.files.permits.admit(caller.user_id).await?;
    let bytes = tokio::select! {
        bytes = read(permit.progress()) => bytes?,
        () = permit.progress().is_cut() => return Err(ApiError::overloaded()),
    };
    let upload = file.upload;
    if upload.is_complete || start < upload.received.0 {
        return Ok(upload);
    }
    let end = check_part(&upload, start, bytes.len())?;
    let many = i64::try_from(bytes.len()).unwrap_or(i64::MAX);
    check_room(&app.db.read().await?, &app.files.settings, many).await?;
    app.limits.uploads.take_bytes(caller.user_id, bytes.len())?;
    let adding = Adding { app: app.clone(), caller, store, file, _permit: permit };
    // Also where nobody waits for the answer any more: a part that is on the disk is added, or removed.
    let added = tokio::spawn(async move { adding.run(bytes, end).await }).await;
    added.map_err(|_| ApiError::internal())?
}

/// Checks that all files together may have so many bytes more.
async fn check_room(tx: &Tx, settings: &FileSettings, more: i64) -> Result<(), ApiError> {
    let used = files::usage_of_all(tx).await?;
    let has_room = settings.has_room_for(used.saturating_add(more));
    if has_room { Ok(()) } else { Err(Refusal::StorageFull.into()) }
}

/// Checks the place and the size of a part, and returns its end.
fn check_part(upload: &Upload, start: i64, length: usize) -> Result<i64, ApiError> {
    if start > upload.received.0 {
        let message = "The part begins behind what was received. Ask for the state of the upload.";
        return Err(ApiError::new(ErrorCode::CursorAhead, message));
    }
    let end = start.saturating_add(i64::try_from(length).unwrap_or(i64::MAX));
    if end > upload.bytes.0 {
        return Err(ApiError::invalid("The part is longer than the rest of the file."));
    }
    if length < most::LEAST_PART_BYTES && end != upload.bytes.0 {
        return Err(ApiError::invalid("A part has at least 64 KiB, unless it is the last one."));
    }
    Ok(end)
}

/// A part that arrived.
struct NewPart {
    group: Group,
    object: String,
    bytes: Bytes,
    hasher: Hasher,
    is_first: bool,
    is_last: bool,
}

/// A part that is on the disk.
struct WrittenPart {
    bytes: u64,
    /// The state of the hash, unless the file is complete.
    state: Option<Vec<u8>>,
    /// The hash of the file, if it is complete.
    hash: Option<FileHash>,
    /// Whether all of the file is in it, and that is a small picture.
    is_thumbnail: bool,
}

impl NewPart {
    fn write(self, store: &Folder, reserve: u64) -> std::io::Result<WrittenPart> {
        let Self { group, object, bytes, mut hasher, is_first, is_last } = self;
        store.put(&group, &object, &bytes, reserve)?;
        hasher.add(&bytes);
        let (state, hash) =
            if is_last { (None, Some(hasher.finish())) } else { (Some(hasher.state()), None) };
        let is_whole = is_first && is_last;
        let is_thumbnail = is_whole && PictureFormat::of_thumbnail(&bytes).is_ok();
        Ok(WrittenPart { bytes: bytes.len() as u64, state, hash, is_thumbnail })
    }
}

/// The addition of a part to a file, as it was read.
struct Adding {
    app: App,
    caller: Caller,
    store: Folder,
    file: StoredFile,
    /// Held until the part is on the disk, whether or not somebody still waits for that.
    _permit: Permit,
}

impl Adding {
    async fn run(self, bytes: Bytes, end: i64) -> Result<Upload, ApiError> {
        let Upload { hash, bytes: size, received, .. } = self.file.upload;
        // A state that another version wrote is not continued.
        let hasher = match received.0 {
            0 => Some(Hasher::default()),
            _ => self.file.sha256.as_deref().and_then(Hasher::resume),
        };
        let Some(hasher) = hasher else {
            return self.restart().await;
        };
        let (group, object) = (Group::new(hash, self.file.id), new_part(received.0.unsigned_abs()));
        let (is_first, is_last) = (received.0 == 0, end == size.0);
        let place = (group.clone(), object.clone());
        let part = NewPart { group: place.0, object: place.1, bytes, hasher, is_first, is_last };
        let (store, reserve) = (self.store.clone(), self.app.files.settings.reserve_bytes);
        let written = tokio::task::spawn_blocking(move || part.write(&store, reserve)).await;
        let written = written.map_err(|_| ApiError::internal())?.map_err(refusal)?;
        if written.hash.is_some_and(|found| found != hash) {
            self.restart().await?;
            return Err(Refusal::FileDiffers.into());
        }
        if self.commit((end, &object), &written).await? {
            let is_complete = written.hash.is_some();
            return Ok(Upload { received: Count(end), is_complete, ..self.file.upload });
        }
        // Another session added the same part, or gave the upload up.
        remove(&self.app, move |store| store.remove(&group, &object)).await;
        state(&self.app, self.caller, hash).await
    }

    /// Adds a written part. Returns false if the file is not as it was when it was read.
    async fn commit(
        &self,
        (end, object): (i64, &str),
        written: &WrittenPart,
    ) -> Result<bool, ApiError> {
        let (app, caller, now) = (&self.app, self.caller, self.app.now());
        let start = self.file.upload.received.0.unsigned_abs();
        let part = Part { start, bytes: written.bytes, object: object.to_owned() };
        let (hash, id, state) = (self.file.upload.hash, self.file.id, written.state.clone());
        let flags = (written.hash.is_some(), written.is_thumbnail);
        app.write(move |tx| {
            Box::pin(async move {
                caller.require(tx, now).await?;
                let known = files::find(tx, caller.user_id, hash).await?;
                let is_same = |known: &StoredFile| {
                    known.id == id && known.upload.received.0.unsigned_abs() == part.start
                };
                let Some(known) = known.filter(is_same) else { return Ok(false) };
                if !files::advance(tx, &known, end, state, flags).await? {
                    return Ok(false);
                }
                files::add_part(tx, id, &part).await?;
                files::touch(tx, id, now).await?;
                Ok(true)
            })
        })
        .await
    }

    /// Lets the upload begin anew, under another id: what still arrives for this one is never added to it.
    async fn restart(self) -> Result<Upload, ApiError> {
        let (app, caller, now) = (&self.app, self.caller, self.app.now());
        let (id, upload) = (self.file.id, self.file.upload);
        let (hash, bytes) = (upload.hash, upload.bytes);
        let deleted = app.write(move |tx| {
            Box::pin(async move {
                caller.require(tx, now).await?;
                let known = files::find(tx, caller.user_id, hash).await?;
                let known = known.filter(|one| one.id == id && !one.upload.is_complete);
                let Some(file) = known.map(|one| one.unused(caller.user_id)) else {
                    return Ok(false);
                };
                if !files::delete(tx, &file, Millis(i64::MAX)).await? {
                    return Ok(false);
                }
                files::insert(tx, (Uuid::now_v7(), caller.user_id), (hash, bytes.0), now).await?;
                Ok(true)
            })
        });
        if deleted.await? {
            let group = Group::new(hash, id);
            remove(app, move |store| store.remove_group(&group)).await;
        }
        state(app, caller, hash).await
    }
}

/// Removes objects that nothing refers to. If that fails, they are removed later, as lost ones.
async fn remove(app: &App, removal: impl FnOnce(&Folder) -> std::io::Result<()> + Send + 'static) {
    let Ok(store) = app.files.folder() else { return };
    let removed = tokio::task::spawn_blocking(move || removal(&store)).await;
    if let Ok(Err(error)) = removed {
        tracing::warn!(%error, "cannot remove the bytes of a file now; they are removed later");
    }
}

fn refusal(error: std::io::Error) -> ApiError {
    if is_full(&error) {
        tracing::error!("there is no room for files on the disk");
        return Refusal::StorageFull.into();
    }
    tracing::error!(%error, "cannot write a file");
    ApiError::retry()
}
