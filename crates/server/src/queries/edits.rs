//! The earlier texts of edited messages.

use crate::db::{DbError, Row, Tx};
use parlour_protocol::{Count, EarlierBody, MessageId, Millis, limits};

/// Maximum number of earlier texts of one message that an export contains and an import unites, and of their bytes:
/// the newest ones. In JSON, they fit with the rest of the message into a line of the maximum length that an import
/// reads.
pub const EXPORTED: (i64, usize) = (10_000, limits::PAGE_BYTES);

parlour_sqlite::statements! {
    /// $1 message, $2 body, $3 replaced_at.
    INSERT = "INSERT INTO edits (message_id, number, body, replaced_at)
        SELECT $1, coalesce(max(number), 0) + 1, $2, $3 FROM edits WHERE message_id = $1";
    /// $1 message, $2 limit.
    LIST = "SELECT number, body, replaced_at FROM edits WHERE message_id = $1
        ORDER BY number DESC LIMIT $2";
    /// $1 message, $2 number.
    REMOVE = "DELETE FROM edits WHERE message_id = $1 AND number >= $2";
    /// $1 message.
    FORGET = "UPDATE edits SET body = '' WHERE message_id = $1";
}

/// Stores the text that an edit replaces.
pub async fn insert(tx: &Tx, id: MessageId, body: &str, now: Millis) -> Result<(), DbError> {
    tx.execute(INSERT, &[id.into(), body.into(), now.0.into()]).await.map(drop)
}

/// Returns the newest `limit` earlier texts of a message, oldest first. Stops once they hold `bytes` bytes, but
/// returns at least one if there is any.
pub async fn list(
    tx: &Tx,
    id: MessageId,
    limit: i64,
    max_bytes: usize,
) -> Result<Vec<EarlierBody>, DbError> {
    let (rows, _) = tx.query_within(LIST, &[id.into(), limit.into()], max_bytes).await?;
    let earlier = |row: &Row| {
        Ok(EarlierBody {
            number: Count(row.get("number")?),
            body: row.get("body")?,
            replaced_at: row.get("replaced_at")?,
        })
    };
    rows.iter().rev().map(earlier).collect()
}

/// Replaces the earlier texts of a message from a number on with these, oldest first, and the times at which they were
/// replaced.
pub async fn replace(
    tx: &Tx,
    id: MessageId,
    first: Count,
    texts: &[(String, Millis)],
) -> Result<(), DbError> {
    tx.execute(REMOVE, &[id.into(), first.0.into()]).await?;
    for (text, at) in texts {
        insert(tx, id, text, *at).await?;
    }
    Ok(())
}

/// Empties the earlier texts of a deleted message.
pub async fn forget(tx: &Tx, id: MessageId) -> Result<(), DbError> {
    tx.execute(FORGET, &[id.into()]).await.map(drop)
}
