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
    BEGIN = "INSERT INTO files (hash, bytes, secret, used_at) VALUES ($1, $2, $3, $4)
        ON CONFLICT (hash) DO UPDATE SET bytes = excluded.bytes, secret = excluded.secret,
            received = 0, used_at = excluded.used_at";
    /// $1 how much of it is here, $2 time, $3 hash.
    RECEIVED = "UPDATE files SET received = $1, used_at = $2 WHERE hash = $3";
    /// $1 time, $2 hash.
    USE = "UPDATE files SET used_at = $1 WHERE hash = $2";
    /// $1 hash.
    FORGET = "DELETE FROM files WHERE hash = $1";
    /// Every file that is here, the one first that was not used for longest.
    EVERY = "SELECT hash, secret, bytes FROM files INDEXED BY files_used ORDER BY used_at";
    /// Reads an entry of an index for every file.
    TOTAL = "SELECT coalesce(sum(bytes), 0) FROM files INDEXED BY files_used WHERE used_at >= -1";
    /// $1 hash.
    THUMBNAIL = "SELECT bytes FROM thumbnails WHERE hash = $1";
    /// $1 hash.
    HAS_THUMBNAIL = "SELECT EXISTS (SELECT 1 FROM thumbnails WHERE hash = $1)";
    /// $1 hash, $2 bytes.
    KEEP_THUMBNAIL = "INSERT INTO thumbnails (hash, bytes) VALUES ($1, $2) ON CONFLICT DO NOTHING";
}

/// A file of a message, as far as it is here.
pub(crate) struct Kept {
    pub bytes: i64,
    pub secret: Secret,
    /// How much of it is here, from its beginning.
    pub received: i64,
    pub used_at: Millis,
}

impl Kept {
    /// Returns whether all of it is here.
    pub fn is_whole(&self) -> bool {
        self.received == self.bytes
    }
}

/// Returns a file of which something is here.
pub(crate) fn find(conn: &Connection, hash: FileHash) -> Result<Option<Kept>> {
    let read = |row: &Row<'_>| {
        let secret: Vec<u8> = row.get(1)?;
        Ok((row.get(0)?, secret, row.get(2)?, Millis(row.get(3)?)))
    };
    let found = conn.prepare_cached(FIND)?.query_row([hash.to_string()], read).optional()?;
    Ok(found.and_then(|(bytes, secret, received, used_at)| {
        Some(Kept { bytes, secret: Secret::from_slice(&secret)?, received, used_at })
    }))
}

/// Notes that a file begins to arrive.
pub(crate) fn begin(
    conn: &Connection,
    hash: FileHash,
    bytes: i64,
    secret: &Secret,
    now: Millis,
) -> Result<()> {
    let secret = &secret.expose()[..];
    conn.prepare_cached(BEGIN)?.execute((hash.to_string(), bytes, secret, now.0))?;
    Ok(())
}

/// Notes how much of a file is here.
pub(crate) fn received(conn: &Connection, hash: FileHash, bytes: i64, now: Millis) -> Result<bool> {
    let changed = conn.prepare_cached(RECEIVED)?.execute((bytes, now.0, hash.to_string()))?;
    Ok(changed > 0)
}

/// Notes that a file is used.
pub(crate) fn note_use(conn: &Connection, hash: FileHash, now: Millis) -> Result<()> {
    conn.prepare_cached(USE)?.execute((now.0, hash.to_string()))?;
    Ok(())
}

/// Forgets the bytes of a file.
pub(crate) fn forget(conn: &Connection, hash: FileHash) -> Result<()> {
    conn.prepare_cached(FORGET)?.execute([hash.to_string()])?;
    Ok(())
}

/// Forgets the files that were not used for longest, until all others have at most `most` bytes; returns whether there
/// were any.
pub(crate) fn make_room(conn: &Connection, most: i64) -> Result<bool> {
    let mut total: i64 = conn.prepare_cached(TOTAL)?.query_row([], |row| row.get(0))?;
    let mut gone: Vec<String> = Vec::new();
    let mut statement = conn.prepare_cached(EVERY)?;
    let mut rows = statement.query([])?;
    while total > most
        && let Some(row) = rows.next()?
    {
        gone.push(row.get(0)?);
        total -= row.get::<_, i64>(2)?;
    }
    for hash in &gone {
        conn.prepare_cached(FORGET)?.execute([hash])?;
    }
    Ok(!gone.is_empty())
}

/// Returns the names on the disk of all files.
pub(crate) fn names(conn: &Connection) -> Result<HashSet<String>> {
    let mut statement = conn.prepare_cached(EVERY)?;
    let mut rows = statement.query([])?;
    let mut names = HashSet::new();
    while let Some(row) = rows.next()? {
        let secret = Secret::from_slice(&row.get::<_, Vec<u8>>(1)?);
        names.extend(secret.map(|secret| secret.name()));
    }
    Ok(names)
}

/// Returns a thumbnail that is here.
pub(crate) fn thumbnail(conn: &Connection, hash: FileHash) -> Result<Option<Vec<u8>>> {
    let found = conn.prepare_cached(THUMBNAIL)?.query_row([hash.to_string()], |row| row.get(0));
    Ok(found.optional()?)
}

/// Returns whether a thumbnail is here.
pub(crate) fn has_thumbnail(conn: &Connection, hash: FileHash) -> Result<bool> {
    Ok(conn.prepare_cached(HAS_THUMBNAIL)?.query_row([hash.to_string()], |row| row.get(0))?)
}

/// Keeps a thumbnail.
pub(crate) fn keep_thumbnail(conn: &Connection, hash: FileHash, bytes: &[u8]) -> Result<()> {
    conn.prepare_cached(KEEP_THUMBNAIL)?.execute((hash.to_string(), bytes))?;
    Ok(())
}
