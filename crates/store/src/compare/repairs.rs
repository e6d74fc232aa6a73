//! The stored count of rows that differed from the server's and were repaired.

use crate::error::Result;
use crate::mirror::Mirror;
use rusqlite::Connection;

parlour_sqlite::statements! {
    /// $1 number of repairs to add.
    COUNT = "UPDATE mirror SET repaired = repaired + $1 WHERE only_row = 1";
    REPAIRED = "SELECT repaired FROM mirror WHERE only_row = 1";
}

impl Mirror {
    /// Counts one repair.
    pub fn count_repair(&self) -> Result<()> {
        self.write(|conn| count(conn, 1))
    }

    /// Returns how many rows had to be repaired since the mirror was created.
    pub fn repaired(&self) -> Result<i64> {
        self.read(|conn| Ok(conn.prepare_cached(REPAIRED)?.query_row([], |row| row.get(0))?))
    }
}

/// Adds `repaired` to the count.
pub(crate) fn count(conn: &Connection, repaired: i64) -> Result<()> {
    conn.prepare_cached(COUNT)?.execute([repaired])?;
    Ok(())
}
