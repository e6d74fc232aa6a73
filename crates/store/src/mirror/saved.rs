//! Messages that this user saved for later: the table `saved`.

use crate::error::Result;
use parlour_protocol::{ConversationId, MessageId, Millis, SavedRow};
use rusqlite::{Connection, Row};

parlour_sqlite::statements! {
    APPLY = concat!("INSERT INTO saved (", saved!(list), ") VALUES (", saved!(values), ")
        ON CONFLICT (message_id) DO UPDATE SET ", saved!(excluded), "
        WHERE excluded.changed_seq > saved.changed_seq");
}

// Reads one row per saved message, once a day.
const ALL_SAVED: &str = concat!("SELECT ", saved!(list), " FROM saved");

/// Writes whether a message is saved, if it is newer than the stored row.
pub(crate) fn apply(conn: &Connection, row: &SavedRow) -> Result<()> {
    let saved_at = row.saved_at.map(|at| at.0);
    let params = (row.message_id.0, row.conversation_id.0, saved_at, row.changed_seq);
    conn.prepare_cached(APPLY)?.execute(params)?;
    Ok(())
}

/// Returns every row.
pub(crate) fn all(conn: &Connection) -> Result<Vec<SavedRow>> {
    let mut statement = conn.prepare_cached(ALL_SAVED)?;
    Ok(statement.query_map([], read)?.collect::<rusqlite::Result<_>>()?)
}

fn read(row: &Row<'_>) -> rusqlite::Result<SavedRow> {
    Ok(SavedRow {
        message_id: MessageId(row.get("message_id")?),
        conversation_id: ConversationId(row.get("conversation_id")?),
        saved_at: row.get::<_, Option<i64>>("saved_at")?.map(Millis),
        changed_seq: row.get("changed_seq")?,
    })
}
