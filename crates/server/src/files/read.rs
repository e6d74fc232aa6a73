//! Reads a file, or a range of it, in pieces that are read when the previous one was taken.

use crate::app::App;
use crate::error::ApiError;
use crate::file_store::{Folder, Group};
use crate::queries::files::{self, Part};
use axum::body::Bytes;
use futures_util::stream::{Stream, try_unfold};
use parlour_protocol::FileHash;
use std::collections::VecDeque;
use std::ops::Range;
use uuid::Uuid;

/// The size in bytes of the largest piece.
pub const PIECE_BYTES: u64 = 256 * 1024;
/// The number of parts that are looked up at once.
const PARTS: i64 = 64;

/// A file that may be read.
#[derive(Debug, Clone, Copy)]
pub struct FileToRead {
    /// The server's own id of it.
    pub id: Uuid,
    /// Its hash.
    pub hash: FileHash,
    /// Its size in bytes.
    pub bytes: u64,
}

/// Returns a range of a file as a stream, whose first piece is there already.
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
        tracing::error!(file = %reader.group, %error, "cannot read a file");
        ApiError::internal()
    })?;
    Ok(try_unfold((first, reader), |(piece, mut reader)| async move {
        let piece = match piece {
            Some(piece) => Some(piece),
            None => reader.next().await?,
        };
        Ok(piece.map(|piece| (piece, (None, reader))))
    }))
}

/// Reads a range of a file.
pub(super) struct Reader {
    app: App,
    store: Folder,
    group: Group,
    at: u64,
    end: u64,
    parts: VecDeque<Part>,
}

impl Reader {
    /// Begins to read.
    pub fn new(app: App, file: FileToRead, range: Range<u64>) -> Result<Self, ApiError> {
        let (store, group) = (app.files.folder()?, Group::new(file.hash, file.id));
        Ok(Self { app, store, group, at: range.start, end: range.end, parts: VecDeque::new() })
    }

    /// Returns the next piece; `None` at the end of the range.
    pub async fn next(&mut self) -> std::io::Result<Option<Bytes>> {
        if self.at >= self.end {
            return Ok(None);
        }
        if self.parts.is_empty() {
            self.parts = self.look_up().await.map_err(std::io::Error::other)?.into();
        }
        let part = self.parts.front().filter(|part| {
            part.start <= self.at && self.at < part.start.saturating_add(part.bytes)
        });
        let Some(part) = part.cloned() else {
            return Err(std::io::Error::new(std::io::ErrorKind::NotFound, "a part is missing"));
        };
        let end = self.end.min(part.start + part.bytes).min(self.at + PIECE_BYTES);
        let length = usize::try_from(end - self.at).unwrap_or(usize::MAX);
        let (store, group, from) = (self.store.clone(), self.group.clone(), self.at - part.start);
        let read = move || store.read(&group, &part.object, from, length);
        let piece = tokio::task::spawn_blocking(read).await.map_err(std::io::Error::other)??;
        self.at = end;
        while self.parts.front().is_some_and(|part| part.start + part.bytes <= self.at) {
            self.parts.pop_front();
        }
        Ok(Some(piece))
    }

    async fn look_up(&self) -> Result<Vec<Part>, crate::db::DbError> {
        let tx = self.app.db.read().await?;
        files::parts(&tx, self.group.id, self.at, PARTS).await
    }
}
