//! Conversations themselves: their kind, title and length.

use crate::db::{DbError, Row, Tx};
use parlour_protocol::{ConversationId, ConversationRow, ConversationType};

parlour_sqlite::statements! {
    /// $1 id, $2 type, $3 created_by, $4 created_at, $5 title, $6 changed_seq.
    INSERT = "INSERT INTO conversations (id, type, created_by, created_at, title, changed_seq)
        VALUES ($1, $2, $3, $4, $5, $6)";
    /// $1 id.
    FIND = "SELECT id, type, created_by, created_at, title, last_seq, changed_seq
        FROM conversations WHERE id = $1";
    /// $1 id.
    NEXT_SEQ = "UPDATE conversations SET last_seq = last_seq + 1 WHERE id = $1 RETURNING last_seq";
}

/// A conversation and its newest message's position.
pub struct Found {
    /// The row as members see it.
    pub row: ConversationRow,
    /// 0 before the first message.
    pub last_seq: i64,
}

/// Adds a conversation.
pub async fn insert(tx: &Tx, row: &ConversationRow) -> Result<(), DbError> {
    let params = [
        row.id.into(),
        row.kind.as_str().into(),
        row.created_by.into(),
        row.created_at.into(),
        row.title.as_str().into(),
        row.changed_seq.into(),
    ];
    tx.execute(INSERT, &params).await.map(drop)
}

/// The conversation, if there is one.
pub async fn find(tx: &Tx, id: ConversationId) -> Result<Option<Found>, DbError> {
    tx.optional(FIND, &[id.into()]).await?.map(|row| from_row(&row)).transpose()
}

/// Takes the next message's position.
pub async fn next_seq(tx: &Tx, id: ConversationId) -> Result<i64, DbError> {
    tx.one(NEXT_SEQ, &[id.into()]).await?.get("last_seq")
}

fn from_row(row: &Row) -> Result<Found, DbError> {
    let kind: String = row.get("type")?;
    let row_ = ConversationRow {
        id: row.get("id")?,
        kind: ConversationType::parse(&kind).ok_or(DbError::Column("type"))?,
        title: row.get("title")?,
        created_by: row.get("created_by")?,
        created_at: row.get("created_at")?,
        changed_seq: row.get("changed_seq")?,
    };
    Ok(Found { row: row_, last_seq: row.get("last_seq")? })
}
