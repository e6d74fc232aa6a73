//! How far each stream goes.

use super::instance;
use crate::db::{DbError, Row, Tx};
use parlour_protocol::{Head, StreamId, UserId};

parlour_sqlite::statements! {
    /// $1 stream, $2 the change's watermark.
    ADVANCE = "INSERT INTO streams (stream, head, wm) VALUES ($1, 1, $2)
        ON CONFLICT (stream) DO UPDATE SET head = streams.head + 1, wm = excluded.wm
        RETURNING head";
    /// $1 stream.
    HEAD = "SELECT head FROM streams WHERE stream = $1";
    /// $1 user, $2 watermark. Starts from what moved, not from the memberships: a person may have
    /// 5,000 of them.
    MOVED_CONVERSATIONS = "SELECT streams.stream AS stream, streams.head AS head, m.term AS term
        FROM streams INDEXED BY idx_streams_wm
        CROSS JOIN conversation_members AS m
            ON m.user_id = $1 AND m.left_at IS NULL
            AND m.conversation_id = substr(streams.stream, 14)
        WHERE streams.wm > $2 AND streams.stream LIKE 'conversation:%'";
    /// $1 user.
    ALL_CONVERSATIONS = "SELECT streams.stream AS stream, streams.head AS head, m.term AS term
        FROM conversation_members AS m
        CROSS JOIN streams ON streams.stream = 'conversation:' || m.conversation_id
        WHERE m.user_id = $1 AND m.left_at IS NULL";
    /// $1 the account's stream, $2 watermark.
    MOVED_ACCOUNT = "SELECT stream, head, 0 AS term FROM streams
        WHERE stream IN ($1, 'directory') AND wm > $2";
}

/// Takes the stream's next change number.
pub async fn advance(tx: &Tx, stream: StreamId) -> Result<i64, DbError> {
    let wm = instance::next_wm(tx).await?;
    tx.one(ADVANCE, &[stream.to_string().into(), wm.into()]).await?.get("head")
}

/// The stream's newest change number; 0 before the first.
pub async fn head(tx: &Tx, stream: StreamId) -> Result<i64, DbError> {
    let row = tx.optional(HEAD, &[stream.to_string().into()]).await?;
    row.map_or(Ok(0), |row| row.get("head"))
}

/// The user's streams that moved since the watermark.
pub async fn heads(tx: &Tx, user_id: UserId, wm: i64) -> Result<Vec<Head>, DbError> {
    let account = StreamId::Account(user_id).to_string();
    let mut rows = tx.query(MOVED_ACCOUNT, &[account.into(), wm.into()]).await?;
    rows.extend(if wm == 0 {
        tx.query(ALL_CONVERSATIONS, &[user_id.into()]).await?
    } else {
        tx.query(MOVED_CONVERSATIONS, &[user_id.into(), wm.into()]).await?
    });
    rows.iter().map(from_row).collect()
}

fn from_row(row: &Row) -> Result<Head, DbError> {
    let stream: String = row.get("stream")?;
    let stream = stream.parse().map_err(|_| DbError::Column("stream"))?;
    Ok(Head { stream, term: row.get("term")?, head: row.get("head")? })
}
