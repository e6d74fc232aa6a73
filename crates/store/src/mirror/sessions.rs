//! This user's signed-in devices: the table `sessions`.

use crate::error::Result;
use parlour_protocol::{Millis, SessionId, SessionRow};
use rusqlite::{Connection, Row};

parlour_sqlite::statements! {
    APPLY = concat!("INSERT INTO sessions (", sessions!(list), ") VALUES (", sessions!(values), ")
        ON CONFLICT (id) DO UPDATE SET ", sessions!(excluded), "
        WHERE excluded.changed_seq > sessions.changed_seq");
    /// $1 id, $2 changed_seq.
    FORGET = "DELETE FROM sessions WHERE id = $1 AND changed_seq < $2";
}

/// Writes a session, if it is newer than the stored one; deletes it if it has ended.
pub(crate) fn apply(conn: &Connection, row: &SessionRow) -> Result<()> {
    if row.revoked_at.is_some() {
        conn.prepare_cached(FORGET)?.execute((row.id.0, row.changed_seq))?;
        return Ok(());
    }
    conn.prepare_cached(APPLY)?.execute((
        row.id.0,
        &row.device,
        row.created_at.0,
        row.expires_at.0,
        row.revoked_at.map(|at| at.0),
        row.changed_seq,
    ))?;
    Ok(())
}

// A few rows, once a day.
const ALL_OPEN: &str =
    concat!("SELECT ", sessions!(list), " FROM sessions WHERE revoked_at IS NULL");

/// Returns every session that has not ended.
pub(crate) fn all(conn: &Connection) -> Result<Vec<SessionRow>> {
    let mut statement = conn.prepare_cached(ALL_OPEN)?;
    Ok(statement.query_map([], read)?.collect::<rusqlite::Result<_>>()?)
}

fn read(row: &Row<'_>) -> rusqlite::Result<SessionRow> {
    Ok(SessionRow {
        id: SessionId(row.get("id")?),
        device: row.get("device")?,
        created_at: Millis(row.get("created_at")?),
        expires_at: Millis(row.get("expires_at")?),
        revoked_at: row.get::<_, Option<i64>>("revoked_at")?.map(Millis),
        changed_seq: row.get("changed_seq")?,
    })
}
