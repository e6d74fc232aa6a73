//! Streams a file, or a range of it, in chunks: each is read from the disk when the previous one was consumed.

use crate::app::App;
use crate::error::ApiError;
use crate::file_store::{FileKey, Store};
use crate::queries::files::{self, Part};
use axum::body::Bytes;
use futures_util::stream::{Stream, try_unfold};
use parlour_protocol::FileHash;
use std::collections::VecDeque;
use std::ops::Range;
use uuid::Uuid;

/// The size in bytes of the largest chunk.
pub const CHUNK_BYTES: u64 = 256 * 1024;
/// The number of parts that one query reads.
const PARTS_PER_QUERY: i64 = 64;

/// A file that may be read.
#[derive(Debug, Clone, Copy)]
pub struct FileToRead {
    /// The server's id of the file.
    pub id: Uuid,
    /// The SHA-256 of its bytes.
    pub hash: FileHash,
    /// Its size in bytes.
    pub size: u64,
}

/// Returns a range of a file as a stream, of which the first chunk is already read.
///
/// # Errors
/// Fails if the first bytes cannot be read. If later ones cannot, the stream ends with an error.
pub async fn stream(
    app: App,
    file: FileToRead,
    range: Range<u64>,
) -> Result<impl Stream<Item = Result<Bytes, std::io::Error>> + Send + 'static, ApiError> {
    let mut reader = Reader::new(app, file, range)?;
    let first = reader.next().await.map_err(|error| {
        tracing::error!(file = %reader.key, %error, "cannot read a file");
        ApiError::internal()
    })?;
    Ok(try_unfold((first, reader), |(chunk, mut reader)| async move {
        let chunk = match chunk {
            Some(chunk) => Some(chunk),
            None => reader.next().await?,
        };
        Ok(chunk.map(|chunk| (chunk, (None, reader))))
    }))
}

/// Reads a range of a file.
pub(super) struct Reader {
    app: App,
    store: Store,
    key: FileKey,
    offset: u64,
    end: u64,
    parts: VecDeque<Part>,
}

impl Reader {
    /// Creates a reader, which has read nothing yet.
    pub fn new(app: App, file: FileToRead, range: Range<u64>) -> Result<Self, ApiError> {
        let (store, key) = (app.files.store()?, FileKey::new(file.hash, file.id));
        Ok(Self { app, store, key, offset: range.start, end: range.end, parts: VecDeque::new() })
    }

    /// Returns the next chunk; `None` at the end of the range.
    pub async fn next(&mut self) -> std::io::Result<Option<Bytes>> {
        if self.offset >= self.end {
            return Ok(None);
        }
        if self.parts.is_empty() {
            self.parts = self.next_parts().await.map_err(std::io::Error::other)?.into();
        }
        let part = self.parts.front().filter(|part| {
            part.start <= self.offset && self.offset < part.start.saturating_add(part.bytes)
        });
        let Some(part) = part.cloned() else {
            return Err(std::io::Error::new(std::io::ErrorKind::NotFound, "a part is missing"));
        };
        let end = self.end.min(part.start + part.bytes).min(self.offset + CHUNK_BYTES);
        let length = usize::try_from(end - self.offset).unwrap_or(usize::MAX);
        let (store, key, from) = (self.store.clone(), self.key.clone(), self.offset - part.start);
        let read = move || store.read(&key, &part.object, from, length);
        let chunk = self.app.files.access(read).await?;
        self.offset = end;
        while self.parts.front().is_some_and(|part| part.start + part.bytes <= self.offset) {
            self.parts.pop_front();
        }
        Ok(Some(chunk))
    }

    async fn next_parts(&self) -> Result<Vec<Part>, crate::db::DbError> {
        let tx = self.app.db.read().await?;
        files::parts(&tx, self.key.id, self.offset, PARTS_PER_QUERY).await
    }
}
