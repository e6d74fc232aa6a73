//! Inserts new messages into the index. Triggers follow their changes and deletions.
//!
//! A statement whose trigger writes to a virtual table begins a savepoint, before which FTS5 writes everything
//! pending: each message became a segment of the index, and the first sync of a device took a third longer.

use super::terms::{Indexed, bucket};
use crate::error::Result;
use rusqlite::Connection;

parlour_sqlite::statements! {
    /// $1 key, $2 terms.
    INSERT = "INSERT INTO messages_fts (rowid, terms) VALUES ($1, $2)";
    /// $1 bucket.
    ADD_BUCKET = "INSERT OR IGNORE INTO search_stretches (stretch) VALUES ($1)";
}

/// Inserts a message that was just inserted into `messages`, in the same transaction.
pub(crate) fn insert(conn: &Connection, key: i64, message: &Indexed<'_>) -> Result<()> {
    conn.prepare_cached(INSERT)?.execute((key, message.terms()))?;
    conn.prepare_cached(ADD_BUCKET)?.execute([bucket(message.sent_at)])?;
    Ok(())
}
