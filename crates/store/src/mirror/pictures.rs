//! Pictures of people and of the server: the table `pictures`, which holds those that were shown lately.

use crate::error::Result;
use parlour_protocol::{Millis, PictureId, UserId, UserRow};
use rusqlite::{Connection, OptionalExtension};

parlour_sqlite::statements! {
    /// $1 person.
    OF = "SELECT users.picture, pictures.id IS NOT NULL AS is_here
        FROM users LEFT JOIN pictures ON pictures.id = users.picture
        WHERE users.id = $1 AND users.picture IS NOT NULL";
    /// $1 id.
    FIND = "SELECT bytes, used_at FROM pictures WHERE id = $1";
    /// $1 id.
    HAS = "SELECT EXISTS (SELECT 1 FROM pictures WHERE id = $1)";
    /// $1 id.
    FORGET = "DELETE FROM pictures WHERE id = $1";
    /// $1 id, $2 bytes, $3 time.
    KEEP = "INSERT INTO pictures (id, bytes, used_at) VALUES ($1, $2, $3)
        ON CONFLICT (id) DO UPDATE SET used_at = excluded.used_at";
    /// $1 time, $2 id.
    USE = "UPDATE pictures SET used_at = $1 WHERE id = $2";
    /// Reads at most [`MOST`] entries of the index, and one.
    COUNT = "SELECT count(*) FROM pictures";
    /// $1 how many.
    DROP_OLDEST = "DELETE FROM pictures
        WHERE id IN (SELECT id FROM pictures ORDER BY used_at LIMIT $1)";
    /// $1 person, $2 the picture that they have from now on, $3 the change that says so.
    DROP_FORMER = "DELETE FROM pictures WHERE id =
        (SELECT picture FROM users WHERE id = $1 AND picture IS NOT $2 AND changed_seq < $3)";
}

/// Maximum number of pictures that are kept: together at most 64 MiB.
pub(crate) const MOST: i64 = 1000;
/// The time after which it is noted again that a picture is used.
const NOTED_MS: i64 = 24 * 3600 * 1000;

/// Returns the picture that a person has, if any, and whether it is kept here.
pub(crate) fn of(conn: &Connection, person: UserId) -> Result<Option<(PictureId, bool)>> {
    let read = |row: &rusqlite::Row<'_>| Ok((row.get::<_, String>(0)?, row.get(1)?));
    let found = conn.prepare_cached(OF)?.query_row([person.0], read).optional()?;
    Ok(found.and_then(|(id, is_here)| Some((id.parse().ok()?, is_here))))
}

/// Returns the bytes of a picture that is kept here, and whether its use is to be noted: see [`note_use`].
pub(crate) fn find(
    conn: &Connection,
    id: PictureId,
    now: Millis,
) -> Result<Option<(Vec<u8>, bool)>> {
    let read = |row: &rusqlite::Row<'_>| {
        let used_at: i64 = row.get(1)?;
        Ok((row.get(0)?, now.0.abs_diff(used_at) > NOTED_MS.unsigned_abs()))
    };
    Ok(conn.prepare_cached(FIND)?.query_row([id.to_string()], read).optional()?)
}

/// Returns whether a picture is kept here.
pub(crate) fn has(conn: &Connection, id: PictureId) -> Result<bool> {
    Ok(conn.prepare_cached(HAS)?.query_row([id.to_string()], |row| row.get(0))?)
}

/// Deletes a picture.
pub(crate) fn forget(conn: &Connection, id: PictureId) -> Result<()> {
    conn.prepare_cached(FORGET)?.execute([id.to_string()])?;
    Ok(())
}

/// Notes that a picture is used.
pub(crate) fn note_use(conn: &Connection, id: PictureId, now: Millis) -> Result<()> {
    conn.prepare_cached(USE)?.execute((now.0, id.to_string()))?;
    Ok(())
}

/// Keeps a picture. Where there are too many, those go that were not used for longest.
pub(crate) fn keep(conn: &Connection, bytes: &[u8], now: Millis) -> Result<()> {
    let id = PictureId::of(bytes);
    conn.prepare_cached(KEEP)?.execute((id.to_string(), bytes, now.0))?;
    let count: i64 = conn.prepare_cached(COUNT)?.query_row([], |row| row.get(0))?;
    if count > MOST {
        conn.prepare_cached(DROP_OLDEST)?.execute([count - MOST])?;
    }
    Ok(())
}

/// Deletes the picture that a person has, if a newer row of theirs, which is about to be written, has another one or
/// none. For somebody else who has the same one it is fetched again.
pub(crate) fn drop_former(conn: &Connection, row: &UserRow) -> Result<()> {
    let picture = row.picture.map(|picture| picture.to_string());
    conn.prepare_cached(DROP_FORMER)?.execute((row.id.0, picture, row.changed_seq))?;
    Ok(())
}
