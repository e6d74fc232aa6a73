//! How many rows differed from the server's and were mended: the count is kept.

use crate::error::Result;
use crate::mirror::Mirror;
use rusqlite::Connection;

parlour_sqlite::statements! {
    /// $1 how many.
    COUNT = "UPDATE mirror SET repaired = repaired + $1 WHERE only_row = 1";
    REPAIRED = "SELECT repaired FROM mirror WHERE only_row = 1";
}

impl Mirror {
    /// Counts something that was mended.
    pub fn note_repair(&self) -> Result<()> {
        self.write(|conn| count(conn, 1))
    }

    /// How many rows had to be mended since the mirror was begun: none, if all is well.
    pub fn repaired(&self) -> Result<i64> {
        self.read(|conn| Ok(conn.prepare_cached(REPAIRED)?.query_row([], |row| row.get(0))?))
    }
}

/// Counts what was mended.
pub(crate) fn count(conn: &Connection, repaired: i64) -> Result<()> {
    conn.prepare_cached(COUNT)?.execute([repaired])?;
    Ok(())
}
