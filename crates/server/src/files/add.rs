//! Stores files that the server reads itself, for imports. They arrive in parts and can be continued, like uploads, but
//! they do not count for their owners, and no session is needed.

use super::upload::{check_capacity, refusal, remove};
use crate::app::App;
use crate::error::ApiError;
use crate::file_store::{FileKey, Hasher, Store, new_part_name};
use crate::queries::files::{self, Part, StoredFile};
use bytes::Bytes;
use parlour_protocol::{
    Count, FileHash, Millis, PictureFormat, Upload, UserId, counted_bytes, limits,
};
use std::io::{Error, ErrorKind, Read, Result as IoResult};
use std::sync::Arc;
use tokio::task::spawn_blocking;
use uuid::Uuid;

/// How often the file is looked up again, if others add parts of it at the same time.
const ATTEMPTS: usize = 10;
/// The number of bytes that are hashed at once.
const CHUNK_BYTES: usize = 256 * 1024;

/// Opens the source of a file at its beginning. It may be called several times, and it blocks.
pub type Open = Arc<dyn Fn() -> IoResult<Box<dyn Read + Send>> + Send + Sync>;

/// A file that is stored.
#[derive(Debug, Clone, Copy)]
pub struct Added {
    /// The hash of its bytes.
    pub hash: FileHash,
    /// Its size in bytes.
    pub bytes: i64,
    /// Whether its owner did not have it before.
    pub is_new: bool,
}

/// The reason why a file was not stored.
#[derive(Debug, thiserror::Error)]
pub enum AddError {
    /// Its source cannot be read, is too large, or changed while it was read.
    #[error("the file cannot be read")]
    Source(#[source] Error),
    /// It cannot be written.
    #[error("{}", .0.message)]
    Store(ApiError),
}

impl From<ApiError> for AddError {
    fn from(error: ApiError) -> Self {
        Self::Store(error)
    }
}

/// Stores a file of this owner, unless they have it already. The source is read twice: for its hash, and to copy it. No
/// more than one part of it is in memory. No message refers to the file yet, so it is kept for a week.
///
/// # Errors
/// Fails if the source cannot be read or has more than `max_bytes` bytes, or if the store or the database fails, or
/// the disk or the server's quota is full. A second call continues where this one stopped.
pub async fn add(app: &App, owner: UserId, open: Open, max_bytes: u64) -> Result<Added, AddError> {
    let store = app.files.store()?;
    let source = open.clone();
    let (hash, bytes) = blocking(move || digest(&source, max_bytes)).await?;
    let new = NewFile { app, owner, store, open, hash, bytes };
    for _ in 0..ATTEMPTS {
        let file = new.begin().await?;
        if file.upload.is_complete {
            return Ok(Added { hash, bytes, is_new: false });
        }
        if new.add_parts(file).await? {
            return Ok(Added { hash, bytes, is_new: true });
        }
    }
    Err(AddError::Store(ApiError::retry()))
}

/// Returns the hash and the size of the source.
fn digest(open: &Open, max_bytes: u64) -> Result<(FileHash, i64), AddError> {
    let mut source = open().map_err(AddError::Source)?.take(max_bytes.saturating_add(1));
    let (mut hasher, mut chunk, mut total) = (Hasher::default(), vec![0; CHUNK_BYTES], 0_u64);
    loop {
        match source.read(&mut chunk) {
            Ok(0) => break,
            Ok(read) => {
                hasher.add(&chunk[..read]);
                total += read as u64;
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(AddError::Source(error)),
        }
    }
    if total == 0 || total > max_bytes {
        return Err(AddError::Source(ErrorKind::FileTooLarge.into()));
    }
    Ok((hasher.finish(), i64::try_from(total).unwrap_or(i64::MAX)))
}

/// A file that is being stored.
struct NewFile<'a> {
    app: &'a App,
    owner: UserId,
    store: Store,
    open: Open,
    hash: FileHash,
    bytes: i64,
}

/// The source, read up to a position, and the state of the hash there.
struct Source {
    reader: Box<dyn Read + Send>,
    hasher: Hasher,
}

/// A part that was written to the store.
struct WrittenPart {
    /// The state of the hash, unless the file is complete.
    state: Option<Vec<u8>>,
    /// The hash of the file, if it is complete.
    hash: Option<FileHash>,
    is_thumbnail: bool,
}

impl NewFile<'_> {
    /// Returns the owner's file with this hash; adds it, without bytes, if there is none.
    async fn begin(&self) -> Result<StoredFile, ApiError> {
        let (owner, hash, bytes) = (self.owner, self.hash, self.bytes);
        let (now, file_store) = (self.app.now(), self.app.files.clone());
        self.app
            .write(move |tx| {
                Box::pin(async move {
                    if let Some(known) = files::find(tx, owner, hash).await? {
                        if known.upload.bytes.0 == bytes {
                            files::touch(tx, known.id, now).await?;
                            return Ok(known);
                        }
                        // It was announced with another size, so it can never be completed.
                        files::delete(tx, &known.unused(owner), Millis(i64::MAX)).await?;
                    }
                    check_capacity(tx, &file_store.settings, counted_bytes(bytes)).await?;
                    let id = Uuid::now_v7();
                    files::insert_uncharged(tx, (id, owner), (hash, bytes), now).await?;
                    let (bytes, received) = (Count(bytes), Count(0));
                    let upload = Upload { hash, bytes, received, is_complete: false };
                    let (is_thumbnail, is_charged) = (false, false);
                    Ok(StoredFile { id, upload, sha256: None, is_thumbnail, is_charged })
                })
            })
            .await
    }

    /// Adds the missing parts. Returns false if somebody else changed the file meanwhile.
    async fn add_parts(&self, file: StoredFile) -> Result<bool, AddError> {
        let mut received = file.upload.received.0;
        let hasher = match received {
            0 => Some(Hasher::default()),
            _ => file.sha256.as_deref().and_then(Hasher::resume),
        };
        let Some(hasher) = hasher else {
            // A state that another version wrote cannot be resumed.
            self.discard(&file).await?;
            return Ok(false);
        };
        let open = self.open.clone();
        let mut source = blocking(move || skip(&open, received, hasher)).await?;
        while received < self.bytes {
            let length = (self.bytes - received).min(limits::PART_BYTES as i64);
            let object = new_part_name(received.unsigned_abs());
            let (rest, written) = self.write(&file, source, &object, (received, length)).await?;
            source = rest;
            if written.hash.is_some_and(|found| found != self.hash) {
                self.discard(&file).await?;
                let changed = Error::new(ErrorKind::InvalidData, "the file changed");
                return Err(AddError::Source(changed));
            }
            let part =
                Part { start: received.unsigned_abs(), bytes: length.unsigned_abs(), object };
            received += length;
            if !self.commit(&file, received, part.clone(), written).await? {
                let key = FileKey::new(self.hash, file.id);
                remove(self.app, move |store| store.remove(&key, &part.object)).await;
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Writes the next `length` bytes of the source, from the offset `start`, to the store.
    async fn write(
        &self,
        file: &StoredFile,
        source: Source,
        object: &str,
        (start, length): (i64, i64),
    ) -> Result<(Source, WrittenPart), AddError> {
        let (store, key) = (self.store.clone(), FileKey::new(self.hash, file.id));
        let (object, reserve) = (object.to_owned(), self.app.files.settings.reserve_bytes);
        let is_last = start + length == self.bytes;
        let (files, server) =
            (self.app.files.clone(), self.app.db.server_id().map_err(ApiError::from)?);
        let write = move || -> Result<(Source, WrittenPart), AddError> {
            files.claim(&server).map_err(refusal)?;
            let Source { mut reader, mut hasher } = source;
            let bytes = read_exactly(&mut reader, length).map_err(AddError::Source)?;
            hasher.add(&bytes);
            let is_thumbnail = start == 0 && is_last && PictureFormat::of_thumbnail(&bytes).is_ok();
            store.put(&key, &object, Bytes::from(bytes), reserve).map_err(refusal)?;
            let state = (!is_last).then(|| hasher.state());
            if !is_last {
                return Ok((
                    Source { reader, hasher },
                    WrittenPart { state, hash: None, is_thumbnail },
                ));
            }
            let hash = Some(hasher.finish());
            let hasher = Hasher::default();
            Ok((Source { reader, hasher }, WrittenPart { state, hash, is_thumbnail }))
        };
        self.app.files.access(move || Ok(write())).await.map_err(refusal)?
    }

    /// Adds a written part to the file. Returns false if the file has changed since it was read.
    async fn commit(
        &self,
        file: &StoredFile,
        end: i64,
        part: Part,
        written: WrittenPart,
    ) -> Result<bool, ApiError> {
        let (owner, hash, id, now) = (self.owner, self.hash, file.id, self.app.now());
        let flags = (written.hash.is_some(), written.is_thumbnail);
        self.app
            .write(move |tx| {
                Box::pin(async move {
                    let known = files::find(tx, owner, hash).await?;
                    let is_same = |known: &StoredFile| {
                        known.id == id && known.upload.received.0.unsigned_abs() == part.start
                    };
                    let Some(known) = known.filter(is_same) else { return Ok(false) };
                    if !files::advance(tx, &known, end, written.state, flags).await? {
                        return Ok(false);
                    }
                    files::add_part(tx, id, &part).await?;
                    files::touch(tx, id, now).await?;
                    Ok(true)
                })
            })
            .await
    }

    /// Deletes an incomplete file, and its objects.
    async fn discard(&self, file: &StoredFile) -> Result<(), ApiError> {
        let unused = file.unused(self.owner);
        let deleted = self.app.write(move |tx| {
            Box::pin(async move { Ok(files::delete(tx, &unused, Millis(i64::MAX)).await?) })
        });
        if deleted.await? {
            let key = FileKey::new(self.hash, file.id);
            remove(self.app, move |store| store.remove_all(&key)).await;
        }
        Ok(())
    }
}

/// Opens the source, and reads up to a position.
fn skip(open: &Open, position: i64, hasher: Hasher) -> Result<Source, AddError> {
    let mut reader = open().map_err(AddError::Source)?;
    let mut before = reader.by_ref().take(position.unsigned_abs());
    std::io::copy(&mut before, &mut std::io::sink()).map_err(AddError::Source)?;
    Ok(Source { reader, hasher })
}

fn read_exactly(reader: &mut impl Read, length: i64) -> IoResult<Vec<u8>> {
    let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or(0));
    reader.take(length.unsigned_abs()).read_to_end(&mut bytes)?;
    match i64::try_from(bytes.len()) == Ok(length) {
        true => Ok(bytes),
        false => Err(ErrorKind::UnexpectedEof.into()),
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, AddError> + Send + 'static,
) -> Result<T, AddError> {
    spawn_blocking(work).await.map_err(|_| ApiError::internal())?
}
