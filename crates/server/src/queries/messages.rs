//! What was said.

use crate::db::{DbError, Row, Tx};
use parlour_protocol::{ConversationId, MessageId, MessageRow, Millis};

parlour_sqlite::statements! {
    /// $1 conversation, $2 seq, $3 id, $4 sender, $5 body, $6 sent_at, $7 changed_seq, $8 digest.
    INSERT = "INSERT INTO messages
            (conversation_id, seq, id, sender_id, body, sent_at, changed_seq, digest)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    /// $1 id.
    FIND = "SELECT conversation_id, seq, id, sender_id, body, sent_at, edited_at, deleted_at,
            changed_seq, digest
        FROM messages WHERE id = $1";
    /// $1 body, $2 edited_at, $3 changed_seq, $4 id.
    EDIT = "UPDATE messages SET body = $1, edited_at = $2, changed_seq = $3 WHERE id = $4";
    /// $1 deleted_at, $2 changed_seq, $3 id.
    DELETE = "UPDATE messages SET body = '', deleted_at = $1, changed_seq = $2 WHERE id = $3";
    /// $1 conversation, $2 since, $3 limit.
    CHANGED = "SELECT seq, id, sender_id, body, sent_at, edited_at, deleted_at, changed_seq
        FROM messages WHERE conversation_id = $1 AND changed_seq > $2
        ORDER BY changed_seq LIMIT $3";
    /// $1 conversation, $2 before, $3 limit.
    BEFORE = "SELECT seq, id, sender_id, body, sent_at, edited_at, deleted_at, changed_seq
        FROM messages WHERE conversation_id = $1 AND seq < $2 ORDER BY seq DESC LIMIT $3";
}

/// A stored message with what idempotency and permission need.
pub struct Stored {
    /// As members see it.
    pub row: MessageRow,
    /// Where it is.
    pub conversation_id: ConversationId,
    /// Of the op that sent it.
    pub digest: String,
}

/// Stores a message at its place.
pub async fn insert(
    tx: &Tx,
    conversation: ConversationId,
    row: &MessageRow,
    digest: &str,
) -> Result<(), DbError> {
    let params = [
        conversation.into(),
        row.seq.into(),
        row.id.into(),
        row.sender_id.into(),
        row.body.as_str().into(),
        row.sent_at.0.into(),
        row.changed_seq.into(),
        digest.into(),
    ];
    tx.execute(INSERT, &params).await.map(drop)
}

/// The message with this id, if there is one.
pub async fn find(tx: &Tx, id: MessageId) -> Result<Option<Stored>, DbError> {
    let Some(row) = tx.optional(FIND, &[id.into()]).await? else { return Ok(None) };
    Ok(Some(Stored {
        conversation_id: row.get("conversation_id")?,
        digest: row.get("digest")?,
        row: from_row(&row)?,
    }))
}

/// Replaces the body.
pub async fn edit(
    tx: &Tx,
    id: MessageId,
    body: &str,
    now: Millis,
    changed_seq: i64,
) -> Result<(), DbError> {
    let params = [body.into(), now.0.into(), changed_seq.into(), id.into()];
    tx.execute(EDIT, &params).await.map(drop)
}

/// Empties the message; its place stays.
pub async fn delete(tx: &Tx, id: MessageId, now: Millis, changed_seq: i64) -> Result<(), DbError> {
    tx.execute(DELETE, &[now.0.into(), changed_seq.into(), id.into()]).await.map(drop)
}

/// Messages sent, edited or deleted since, oldest change first.
pub async fn changed(
    tx: &Tx,
    conversation: ConversationId,
    since: i64,
    limit: i64,
) -> Result<Vec<MessageRow>, DbError> {
    let params = [conversation.into(), since.into(), limit.into()];
    tx.query(CHANGED, &params).await?.iter().map(from_row).collect()
}

/// Messages below a position, newest first.
pub async fn before(
    tx: &Tx,
    conversation: ConversationId,
    before: i64,
    limit: i64,
) -> Result<Vec<MessageRow>, DbError> {
    let params = [conversation.into(), before.into(), limit.into()];
    tx.query(BEFORE, &params).await?.iter().map(from_row).collect()
}

fn from_row(row: &Row) -> Result<MessageRow, DbError> {
    Ok(MessageRow {
        id: row.get("id")?,
        seq: row.get("seq")?,
        sender_id: row.get("sender_id")?,
        body: row.get("body")?,
        sent_at: row.get("sent_at")?,
        edited_at: row.get("edited_at")?,
        deleted_at: row.get("deleted_at")?,
        changed_seq: row.get("changed_seq")?,
    })
}
