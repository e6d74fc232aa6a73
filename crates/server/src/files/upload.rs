//! Uploads. They are separate for each user: if another user has already uploaded the same file, all of it is
//! uploaded again, which takes as long, so nobody learns what others have uploaded.

use super::lost;
use crate::app::App;
use crate::caller::Caller;
use crate::db::Tx;
use crate::error::ApiError;
use crate::file_store::{
    FileKey, FileSettings, Hasher, Permit, Progress, Store, is_full, new_part_name,
};
use crate::queries::files::{self, Part, StoredFile};
use axum::body::Bytes;
use parlour_protocol::{
    Count, ErrorCode, FileHash, FileLimits, Millis, NewUpload, PictureFormat, Refusal, Upload,
    UserId, counted_bytes, limits as protocol_limits,
};
use uuid::Uuid;

/// Returns the limits of the files of this user.
///
/// # Errors
/// Fails if the database does, or if the session has ended.
pub async fn limits(app: &App, caller: Caller) -> Result<FileLimits, ApiError> {
    let tx = app.db.read().await?;
    caller.require_session(&tx, app.now()).await?;
    let used = files::usage(&tx, caller.user_id).await?;
    Ok(app.files.settings.limits(used))
}

/// Starts an upload, or returns the state of one that was started before. If some of its bytes are lost, it starts from
/// its beginning, even if messages refer to the file: they have it again once it is complete.
///
/// # Errors
/// Fails if the server does not accept the file: see [`FileLimits::check`].
pub async fn begin(
    app: &App,
    caller: Caller,
    hash: FileHash,
    new: NewUpload,
) -> Result<Upload, ApiError> {
    new.check()?;
    let lost = lost::find(app, caller, hash).await?;
    let (now, file_store) = (app.now(), app.files.clone());
    app.write(move |tx| {
        Box::pin(async move {
            caller.require_session(tx, now).await?;
            if let Some(known) = files::find(tx, caller.user_id, hash).await? {
                if known.upload.bytes != new.bytes {
                    return Err(ApiError::invalid("This file was announced with another size."));
                }
                files::touch(tx, known.id, now).await?;
                let is_lost = lost.is_some_and(|lost| {
                    (lost.id, lost.upload.received) == (known.id, known.upload.received)
                });
                if is_lost && files::reset(tx, &known).await? {
                    return Ok(Upload { received: Count(0), is_complete: false, ..known.upload });
                }
                return Ok(known.upload);
            }
            let used = files::usage(tx, caller.user_id).await?;
            file_store.settings.limits(used).check(new.bytes.0, &new.media_type)?;
            check_capacity(tx, &file_store.settings, counted_bytes(new.bytes.0)).await?;
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
/// Fails if this user has no such upload.
pub async fn state(app: &App, caller: Caller, hash: FileHash) -> Result<Upload, ApiError> {
    Ok(find(app, caller, hash).await?.upload)
}

async fn find(app: &App, caller: Caller, hash: FileHash) -> Result<StoredFile, ApiError> {
    let tx = app.db.read().await?;
    caller.require_session(&tx, app.now()).await?;
    require(&tx, caller.user_id, hash).await
}

async fn require(tx: &Tx, user: UserId, hash: FileHash) -> Result<StoredFile, ApiError> {
    files::find(tx, user, hash).await?.ok_or_else(|| ApiError::not_found("upload"))
}

/// Cancels an upload and removes its bytes. A file that a message refers to is not removed.
///
/// # Errors
/// Fails if this user has no such upload.
pub async fn cancel(app: &App, caller: Caller, hash: FileHash) -> Result<(), ApiError> {
    let now = app.now();
    let removed = app.write(move |tx| {
        Box::pin(async move {
            caller.require_session(tx, now).await?;
            let file = require(tx, caller.user_id, hash).await?.unused(caller.user_id);
            let id = file.id;
            // With the largest time, the file is deleted however recently it was used.
            Ok(files::delete(tx, &file, Millis(i64::MAX)).await?.then_some(id))
        })
    });
    if let Some(id) = removed.await? {
        let key = FileKey::new(hash, id);
        remove(app, move |store| store.remove_all(&key)).await;
    }
    Ok(())
}

/// Adds a part that begins at the offset `start`, and returns the state once the part is on the disk. Does nothing if
/// that part was added before. With the last part the hash is checked; if it differs, the upload restarts from the
/// beginning. `read` receives the bytes of the part.
///
/// # Errors
/// Fails if there is no such upload, if the part is not the next one, if it is too large or too small, if the bytes
/// do not have the announced hash, or if the disk is full.
pub async fn add_part(
    app: &App,
    caller: Caller,
    (hash, start): (FileHash, i64),
    read: impl AsyncFnOnce(&Progress) -> Result<Bytes, ApiError>,
) -> Result<Upload, ApiError> {
    let store = app.files.store()?;
    let file = find(app, caller, hash).await?;
    let permit = app.files.permits.admit(caller.user_id).await?;
    let bytes = tokio::select! {
        bytes = read(permit.progress()) => bytes?,
        () = permit.progress().cancelled() => return Err(ApiError::overloaded()),
    };
    let upload = file.upload;
    if upload.is_complete || start < upload.received.0 {
        return Ok(upload);
    }
    let end = check_part(&upload, start, bytes.len())?;
    let length = i64::try_from(bytes.len()).unwrap_or(i64::MAX);
    // What a file counts for at least is counted with its first part.
    let counted = if start == 0 { counted_bytes(length) } else { length };
    check_capacity(&app.db.read().await?, &app.files.settings, counted).await?;
    app.limits
        .uploads
        .charge_bytes(caller.user_id, usize::try_from(counted).unwrap_or(usize::MAX))?;
    let part_upload = PartUpload { app: app.clone(), caller, store, file, _permit: permit };
    // In a task of its own, so that it finishes even if the request is cancelled: a part that is on the disk is
    // either added or removed.
    let added = tokio::spawn(async move { part_upload.run(bytes, end).await }).await;
    added.map_err(|_| ApiError::internal())?
}

/// Checks that the server's quota has capacity for this many additional bytes.
pub(super) async fn check_capacity(
    tx: &Tx,
    settings: &FileSettings,
    additional: i64,
) -> Result<(), ApiError> {
    let used = files::total_usage(tx).await?;
    let has_capacity = settings.has_capacity_for(used.saturating_add(additional));
    if has_capacity { Ok(()) } else { Err(Refusal::StorageFull.into()) }
}

/// Checks the offset and the size of a part, and returns the offset of its end.
fn check_part(upload: &Upload, start: i64, length: usize) -> Result<i64, ApiError> {
    if start > upload.received.0 {
        let message = "The part begins behind what was received. Ask for the state of the upload.";
        return Err(ApiError::new(ErrorCode::CursorAhead, message));
    }
    let end = start.saturating_add(i64::try_from(length).unwrap_or(i64::MAX));
    if end > upload.bytes.0 {
        return Err(ApiError::invalid("The part is longer than the rest of the file."));
    }
    if length < protocol_limits::MIN_PART_BYTES && end != upload.bytes.0 {
        return Err(ApiError::invalid("A part has at least 64 KiB, unless it is the last one."));
    }
    Ok(end)
}

/// A received part.
struct NewPart {
    key: FileKey,
    object: String,
    bytes: Bytes,
    hasher: Hasher,
    is_first: bool,
    is_last: bool,
}

/// A part that was written to the disk.
struct WrittenPart {
    bytes: u64,
    /// The state of the hash, unless the file is complete.
    state: Option<Vec<u8>>,
    /// The hash of the file, if it is complete.
    hash: Option<FileHash>,
    /// Whether this part is the whole file, and that is a small picture.
    is_thumbnail: bool,
}

impl NewPart {
    fn write(self, store: &Store, reserve: u64) -> std::io::Result<WrittenPart> {
        let Self { key, object, bytes, mut hasher, is_first, is_last } = self;
        store.put(&key, &object, bytes.clone(), reserve)?;
        hasher.add(&bytes);
        let (state, hash) =
            if is_last { (None, Some(hasher.finish())) } else { (Some(hasher.state()), None) };
        let is_whole = is_first && is_last;
        let is_thumbnail = is_whole && PictureFormat::of_thumbnail(&bytes).is_ok();
        Ok(WrittenPart { bytes: bytes.len() as u64, state, hash, is_thumbnail })
    }
}

/// The upload of one part, with the state of the file before it.
struct PartUpload {
    app: App,
    caller: Caller,
    store: Store,
    file: StoredFile,
    /// Held until the part is on the disk, even if the request is cancelled.
    _permit: Permit,
}

impl PartUpload {
    async fn run(self, bytes: Bytes, end: i64) -> Result<Upload, ApiError> {
        let Upload { hash, bytes: size, received, .. } = self.file.upload;
        // A state that another version wrote cannot be resumed.
        let hasher = match received.0 {
            0 => Some(Hasher::default()),
            _ => self.file.sha256.as_deref().and_then(Hasher::resume),
        };
        let Some(hasher) = hasher else {
            return self.restart().await;
        };
        let (key, object) =
            (FileKey::new(hash, self.file.id), new_part_name(received.0.unsigned_abs()));
        let (is_first, is_last) = (received.0 == 0, end == size.0);
        let names = (key.clone(), object.clone());
        let part = NewPart { key: names.0, object: names.1, bytes, hasher, is_first, is_last };
        let (store, reserve) = (self.store.clone(), self.app.files.settings.reserve_bytes);
        let (files, server) = (self.app.files.clone(), self.app.db.server_id()?);
        let write = move || {
            files.claim(&server)?;
            part.write(&store, reserve)
        };
        let written = self.app.files.access(write).await.map_err(refusal)?;
        if written.hash.is_some_and(|found| found != hash) {
            self.restart().await?;
            return Err(Refusal::FileDiffers.into());
        }
        if self.commit((end, &object), &written).await? {
            let is_complete = written.hash.is_some();
            return Ok(Upload { received: Count(end), is_complete, ..self.file.upload });
        }
        // Another session added the same part, or cancelled the upload.
        remove(&self.app, move |store| store.remove(&key, &object)).await;
        state(&self.app, self.caller, hash).await
    }

    /// Adds a written part to the file. Returns false if the file has changed since it was read.
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
                caller.require_session(tx, now).await?;
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

    /// Restarts the upload: under another id, so that parts that still arrive for this one are not added to it, unless
    /// a message refers to the file.
    async fn restart(self) -> Result<Upload, ApiError> {
        let (app, caller, now) = (&self.app, self.caller, self.app.now());
        let (id, upload) = (self.file.id, self.file.upload);
        let (hash, bytes) = (upload.hash, upload.bytes);
        let deleted = app.write(move |tx| {
            Box::pin(async move {
                caller.require_session(tx, now).await?;
                let known = files::find(tx, caller.user_id, hash).await?;
                let known = known.filter(|file| file.id == id && !file.upload.is_complete);
                let Some(known) = known else { return Ok(false) };
                let file = known.unused(caller.user_id);
                if !files::delete(tx, &file, Millis(i64::MAX)).await? {
                    // A message refers to it, from before some of its bytes were lost.
                    files::reset(tx, &known).await?;
                    return Ok(false);
                }
                files::insert(tx, (Uuid::now_v7(), caller.user_id), (hash, bytes.0), now).await?;
                Ok(true)
            })
        });
        if deleted.await? {
            let key = FileKey::new(hash, id);
            remove(app, move |store| store.remove_all(&key)).await;
        }
        state(app, caller, hash).await
    }
}

/// Removes objects that nothing refers to. If that fails, they are removed later as orphans.
pub(super) async fn remove(
    app: &App,
    removal: impl FnOnce(&Store) -> std::io::Result<()> + Send + 'static,
) {
    let Ok(store) = app.files.store() else { return };
    if let Err(error) = app.files.access(move || removal(&store)).await {
        tracing::warn!(%error, "cannot remove the bytes of a file now; they are removed later");
    }
}

/// Returns the error for an object that could not be written, and logs it.
pub(super) fn refusal(error: std::io::Error) -> ApiError {
    if is_full(&error) {
        tracing::error!("the disk is too full for files");
        return Refusal::StorageFull.into();
    }
    tracing::error!(%error, "cannot write a file");
    ApiError::retry()
}
