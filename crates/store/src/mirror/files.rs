//! The bytes of the files of messages: the tables `files` and `thumbnails`. Triggers delete their rows with the message.

use crate::blobs::Secret;
use crate::error::Result;
use parlour_protocol::{FileHash, Millis};
use rusqlite::{Connection, OptionalExtension, Row};
use std::collections::HashSet;

parlour_sqlite::statements! {
    /// $1 hash.
    FIND = "SELECT bytes, secret, received, used_at FROM files WHERE hash = $1";
    /// $1 hash, $2 bytes, $3 secret, $4 time.
    INSERT = "INSERT INTO files (hash, bytes, secret, used_at) VALUES ($1, $2, $3, $4)
        ON CONFLICT (hash) DO UPDATE SET bytes = excluded.bytes, secret = excluded.secret,
            received = 0, used_at = excluded.used_at";
    /// $1 number of received bytes, $2 time, $3 hash.
    SET_RECEIVED = "UPDATE files SET received = $1, used_at = $2 WHERE hash = $3";
    /// $1 time, $2 hash.
    USE = "UPDATE files SET used_at = $1 WHERE hash = $2";
    /// $1 hash.
    DELETE = "DELETE FROM files WHERE hash = $1";
    /// Every file, the least recently used one first.
    ALL_FILES = "SELECT hash, secret, bytes FROM files INDEXED BY files_used ORDER BY used_at";
    /// Reads an entry of an index for every file.
    TOTAL = "SELECT coalesce(sum(bytes), 0) FROM files INDEXED BY files_used WHERE used_at >= -1";
    /// $1 hash.
    THUMBNAIL = "SELECT bytes FROM thumbnails WHERE hash = $1";
    /// $1 hash.
    HAS_THUMBNAIL = "SELECT EXISTS (SELECT 1 FROM thumbnails WHERE hash = $1)";
    /// $1 hash, $2 bytes.
    PUT_THUMBNAIL = "INSERT INTO thumbnails (hash, bytes) VALUES ($1, $2) ON CONFLICT DO NOTHING";
}

/// A file of a message, of which the first `received` bytes are on this computer.
pub(crate) struct StoredFile {
    pub bytes: i64,
    pub secret: Secret,
    /// Number of bytes on this computer, from the beginning.
    pub received: i64,
    pub used_at: Millis,
}

impl StoredFile {
    /// Returns whether the file is complete.
    pub fn is_complete(&self) -> bool {
        self.received == self.bytes
    }
}

/// Returns a file that was received in part or completely.
pub(crate) fn find(conn: &Connection, hash: FileHash) -> Result<Option<StoredFile>> {
    let read = |row: &Row<'_>| {
        let secret: Vec<u8> = row.get(1)?;
        Ok((row.get(0)?, secret, row.get(2)?, Millis(row.get(3)?)))
    };
    let found = conn.prepare_cached(FIND)?.query_row([hash.to_string()], read).optional()?;
    Ok(found.and_then(|(bytes, secret, received, used_at)| {
        Some(StoredFile { bytes, secret: Secret::from_slice(&secret)?, received, used_at })
    }))
}

/// Adds a file that is about to be received.
pub(crate) fn insert(
    conn: &Connection,
    hash: FileHash,
    size: i64,
    secret: &Secret,
    now: Millis,
) -> Result<()> {
    let secret = &secret.expose()[..];
    conn.prepare_cached(INSERT)?.execute((hash.to_string(), size, secret, now.0))?;
    Ok(())
}

/// Sets the number of received bytes; returns whether the file still exists.
pub(crate) fn set_received(
    conn: &Connection,
    hash: FileHash,
    size: i64,
    now: Millis,
) -> Result<bool> {
    let changed = conn.prepare_cached(SET_RECEIVED)?.execute((size, now.0, hash.to_string()))?;
    Ok(changed > 0)
}

/// Sets the time at which a file was last used.
pub(crate) fn set_used(conn: &Connection, hash: FileHash, now: Millis) -> Result<()> {
    conn.prepare_cached(USE)?.execute((now.0, hash.to_string()))?;
    Ok(())
}

/// Deletes a file.
pub(crate) fn delete(conn: &Connection, hash: FileHash) -> Result<()> {
    conn.prepare_cached(DELETE)?.execute([hash.to_string()])?;
    Ok(())
}

/// Evicts the least recently used files until the others have at most `max_bytes` in total; returns whether there were
/// any.
pub(crate) fn evict_files(conn: &Connection, max_bytes: i64) -> Result<bool> {
    let mut total: i64 = conn.prepare_cached(TOTAL)?.query_row([], |row| row.get(0))?;
    let mut evicted: Vec<String> = Vec::new();
    let mut statement = conn.prepare_cached(ALL_FILES)?;
    let mut rows = statement.query([])?;
    while total > max_bytes
        && let Some(row) = rows.next()?
    {
        evicted.push(row.get(0)?);
        total -= row.get::<_, i64>(2)?;
    }
    for hash in &evicted {
        conn.prepare_cached(DELETE)?.execute([hash])?;
    }
    Ok(!evicted.is_empty())
}

/// Returns the names on the disk of all files.
pub(crate) fn names(conn: &Connection) -> Result<HashSet<String>> {
    let mut statement = conn.prepare_cached(ALL_FILES)?;
    let mut rows = statement.query([])?;
    let mut names = HashSet::new();
    while let Some(row) = rows.next()? {
        let secret = Secret::from_slice(&row.get::<_, Vec<u8>>(1)?);
        names.extend(secret.map(|secret| secret.name()));
    }
    Ok(names)
}

/// Returns a thumbnail, if it is on this computer.
pub(crate) fn thumbnail(conn: &Connection, hash: FileHash) -> Result<Option<Vec<u8>>> {
    let found = conn.prepare_cached(THUMBNAIL)?.query_row([hash.to_string()], |row| row.get(0));
    Ok(found.optional()?)
}

/// Returns whether a thumbnail is on this computer.
pub(crate) fn has_thumbnail(conn: &Connection, hash: FileHash) -> Result<bool> {
    Ok(conn.prepare_cached(HAS_THUMBNAIL)?.query_row([hash.to_string()], |row| row.get(0))?)
}

/// Stores a thumbnail.
pub(crate) fn put_thumbnail(conn: &Connection, hash: FileHash, bytes: &[u8]) -> Result<()> {
    conn.prepare_cached(PUT_THUMBNAIL)?.execute((hash.to_string(), bytes))?;
    Ok(())
}
