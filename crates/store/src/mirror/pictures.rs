//! Pictures of people and of the server: the table `pictures`, which contains those that were shown recently.

use crate::error::Result;
use parlour_protocol::{Millis, PictureId, UserId, UserRow};
use rusqlite::{Connection, OptionalExtension};

parlour_sqlite::statements! {
    /// $1 person.
    PICTURE_OF = "SELECT users.picture, pictures.id IS NOT NULL AS is_here
        FROM users LEFT JOIN pictures ON pictures.id = users.picture
        WHERE users.id = $1 AND users.picture IS NOT NULL";
    /// $1 id.
    FIND = "SELECT bytes, used_at FROM pictures WHERE id = $1";
    /// $1 id.
    HAS = "SELECT EXISTS (SELECT 1 FROM pictures WHERE id = $1)";
    /// $1 id.
    DELETE = "DELETE FROM pictures WHERE id = $1";
    /// $1 id, $2 bytes, $3 time.
    PUT = "INSERT INTO pictures (id, bytes, used_at) VALUES ($1, $2, $3)
        ON CONFLICT (id) DO UPDATE SET used_at = excluded.used_at";
    /// $1 time, $2 id.
    USE = "UPDATE pictures SET used_at = $1 WHERE id = $2";
    /// Reads at most [`MAX_PICTURES`] entries of the index, and one.
    COUNT = "SELECT count(*) FROM pictures";
    /// $1 how many.
    EVICT = "DELETE FROM pictures
        WHERE id IN (SELECT id FROM pictures ORDER BY used_at LIMIT $1)";
    /// $1 person, $2 their new picture, $3 the number of the change.
    DELETE_REPLACED = "DELETE FROM pictures WHERE id =
        (SELECT picture FROM users WHERE id = $1 AND picture IS NOT $2 AND changed_seq < $3)";
}

/// Maximum number of stored pictures, of together at most 64 MiB.
pub(crate) const MAX_PICTURES: i64 = 1000;
/// The interval at which the time of the last use of a picture is updated.
const USE_INTERVAL_MS: i64 = 24 * 3600 * 1000;

/// Returns a person's picture, if they have one, and whether it is on this computer.
pub(crate) fn of(conn: &Connection, person: UserId) -> Result<Option<(PictureId, bool)>> {
    let read = |row: &rusqlite::Row<'_>| Ok((row.get::<_, String>(0)?, row.get(1)?));
    let found = conn.prepare_cached(PICTURE_OF)?.query_row([person.0], read).optional()?;
    Ok(found.and_then(|(id, is_here)| Some((id.parse().ok()?, is_here))))
}

/// Returns the bytes of a picture, and whether the time of its last use has to be updated with [`set_used`].
pub(crate) fn find(
    conn: &Connection,
    id: PictureId,
    now: Millis,
) -> Result<Option<(Vec<u8>, bool)>> {
    let read = |row: &rusqlite::Row<'_>| {
        let used_at: i64 = row.get(1)?;
        Ok((row.get(0)?, now.0.abs_diff(used_at) > USE_INTERVAL_MS.unsigned_abs()))
    };
    Ok(conn.prepare_cached(FIND)?.query_row([id.to_string()], read).optional()?)
}

/// Returns whether a picture is on this computer.
pub(crate) fn has(conn: &Connection, id: PictureId) -> Result<bool> {
    Ok(conn.prepare_cached(HAS)?.query_row([id.to_string()], |row| row.get(0))?)
}

/// Deletes a picture.
pub(crate) fn delete(conn: &Connection, id: PictureId) -> Result<()> {
    conn.prepare_cached(DELETE)?.execute([id.to_string()])?;
    Ok(())
}

/// Sets the time at which a picture was last used.
pub(crate) fn set_used(conn: &Connection, id: PictureId, now: Millis) -> Result<()> {
    conn.prepare_cached(USE)?.execute((now.0, id.to_string()))?;
    Ok(())
}

/// Stores a picture; evicts the least recently used ones if there are too many.
pub(crate) fn put(conn: &Connection, bytes: &[u8], now: Millis) -> Result<()> {
    let id = PictureId::of(bytes);
    conn.prepare_cached(PUT)?.execute((id.to_string(), bytes, now.0))?;
    let count: i64 = conn.prepare_cached(COUNT)?.query_row([], |row| row.get(0))?;
    if count > MAX_PICTURES {
        conn.prepare_cached(EVICT)?.execute([count - MAX_PICTURES])?;
    }
    Ok(())
}

/// Deletes a person's picture, if their newer row, which is about to be written, has another one or none. If another
/// person has the same picture, it is fetched again.
pub(crate) fn delete_replaced(conn: &Connection, row: &UserRow) -> Result<()> {
    let picture = row.picture.map(|picture| picture.to_string());
    conn.prepare_cached(DELETE_REPLACED)?.execute((row.id.0, picture, row.changed_seq))?;
    Ok(())
}
