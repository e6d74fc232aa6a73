//! The earlier texts of edited messages.

use crate::db::{DbError, Row, Tx};
use parlour_protocol::{Count, EarlierBody, MessageId, Millis};

parlour_sqlite::statements! {
    /// $1 message, $2 body, $3 replaced_at.
    INSERT = "INSERT INTO edits (message_id, number, body, replaced_at)
        SELECT $1, coalesce(max(number), 0) + 1, $2, $3 FROM edits WHERE message_id = $1";
    /// $1 message, $2 limit.
    LIST = "SELECT number, body, replaced_at FROM edits WHERE message_id = $1
        ORDER BY number DESC LIMIT $2";
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

/// Empties the earlier texts of a deleted message.
pub async fn forget(tx: &Tx, id: MessageId) -> Result<(), DbError> {
    tx.execute(FORGET, &[id.into()]).await.map(drop)
}
