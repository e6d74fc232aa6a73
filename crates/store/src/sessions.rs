//! One's own signed-in devices.

use crate::Result;
use parlour_protocol::SessionRow;
use rusqlite::Connection;

parlour_sqlite::statements! {
    /// $1 id, $2 device, $3 created, $4 expires, $5 revoked, $6 changed_seq.
    APPLY = "INSERT INTO sessions (id, device, created_at, expires_at, revoked_at, changed_seq)
        VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT (id) DO UPDATE SET device = excluded.device, expires_at = excluded.expires_at,
            revoked_at = excluded.revoked_at, changed_seq = excluded.changed_seq
        WHERE excluded.changed_seq > sessions.changed_seq";
    /// $1 id, $2 changed_seq.
    FORGET = "DELETE FROM sessions WHERE id = $1 AND changed_seq < $2";
}

/// Writes a session, if it is newer than the one held; one that has ended is forgotten.
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
