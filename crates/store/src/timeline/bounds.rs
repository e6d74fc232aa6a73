//! The range of a conversation's messages in the mirror.

use crate::error::Result;
use parlour_protocol::ConversationId;
use rusqlite::Connection;

parlour_sqlite::statements! {
    /// $1 id.
    BOUNDS = "SELECT number, last_seq, floor_seq FROM conversations WHERE id = $1";
}

/// A conversation's number, and its newest and oldest positions; zeros if the mirror does not have
/// it.
pub(super) struct Bounds {
    pub number: i64,
    pub last: i64,
    pub floor: i64,
}

/// Returns the number and ends of a conversation.
pub(super) fn bounds(conn: &Connection, id: ConversationId) -> Result<Bounds> {
    let mut statement = conn.prepare_cached(BOUNDS)?;
    let mut rows = statement.query([id.0])?;
    let Some(row) = rows.next()? else { return Ok(Bounds { number: 0, last: 0, floor: 0 }) };
    Ok(Bounds {
        number: row.get("number")?,
        last: row.get("last_seq")?,
        floor: row.get("floor_seq")?,
    })
}
