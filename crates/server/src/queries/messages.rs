//! What was said.

use crate::db::{DbError, Row, Tx, Value};
use parlour_protocol::{ConversationId, MessageId, MessageRow, Reaction, Seq};
use serde::Serialize;
use serde::de::DeserializeOwned;

parlour_sqlite::statements! {
    /// $1 id, $2 sender, $3 body, $4 reply_to, $5 mentions, $6 mentions_all, $7 sent_at, $8 digest,
    /// $9 conversation, $10 seq, $11 changed_seq.
    INSERT = "INSERT INTO messages (id, sender_id, body, reply_to, mentions, mentions_all, sent_at, digest,
            conversation_id, seq, changed_seq)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
    /// $1 id, $2 sender, $3 body, $4 reply_to, $5 mentions, $6 mentions_all, $7 sent_at, $8 digest,
    /// $9 conversation. At the position and the change that were taken last.
    APPEND = "INSERT INTO messages (id, sender_id, body, reply_to, mentions, mentions_all, sent_at, digest,
            conversation_id, seq, changed_seq)
        SELECT $1, $2, $3, $4, $5, $6, $7, $8, c.id, c.last_seq, s.head
        FROM conversations AS c CROSS JOIN streams AS s
        WHERE c.id = $9 AND s.kind = 'conversation' AND s.id = $9
        RETURNING seq, changed_seq";
    /// $1 id.
    FIND = "SELECT conversation_id, seq, id, sender_id, body, reply_to, mentions, mentions_all, reactions,
            sent_at, edited_at, deleted_at, pinned_at, changed_seq
        FROM messages WHERE id = $1";
    /// $1 body, $2 mentions, $3 reactions, $4 edited_at, $5 deleted_at, $6 pinned_at, $7 changed_seq,
    /// $8 id.
    UPDATE = "UPDATE messages SET body = $1, mentions = $2, reactions = $3, edited_at = $4,
            deleted_at = $5, pinned_at = $6, changed_seq = $7
        WHERE id = $8";
    /// $1 conversation, $2 since, $3 limit.
    CHANGED = "SELECT seq, id, sender_id, body, reply_to, mentions, mentions_all, reactions,
            sent_at, edited_at, deleted_at, pinned_at, changed_seq
        FROM messages WHERE conversation_id = $1 AND changed_seq > $2
        ORDER BY changed_seq LIMIT $3";
    /// $1 conversation, $2 before, $3 first, $4 limit.
    BEFORE = "SELECT seq, id, sender_id, body, reply_to, mentions, mentions_all, reactions,
            sent_at, edited_at, deleted_at, pinned_at, changed_seq
        FROM messages WHERE conversation_id = $1 AND seq < $2 AND seq >= $3
        ORDER BY seq DESC LIMIT $4";
}

/// A stored message.
pub struct Stored {
    /// As members see it.
    pub row: MessageRow,
    /// Where it is.
    pub conversation_id: ConversationId,
}

/// Stores a message at its place.
pub async fn insert(
    tx: &Tx,
    conversation: ConversationId,
    row: &MessageRow,
    digest: &str,
) -> Result<(), DbError> {
    let mut params = said(row, digest);
    params.extend([conversation.into(), row.seq.into(), row.changed_seq.into()]);
    tx.execute(INSERT, &params).await.map(drop)
}

/// What of a message does not depend on its place.
fn said(row: &MessageRow, digest: &str) -> Vec<Value> {
    vec![
        row.id.into(),
        row.sender_id.into(),
        row.body.as_str().into(),
        row.reply_to.into(),
        json(&row.mentions).into(),
        i64::from(row.mentions_all).into(),
        row.sent_at.0.into(),
        digest.into(),
    ]
}

/// Stores a message at the position and the change that were taken last, and answers them.
pub async fn append(
    tx: &Tx,
    conversation: ConversationId,
    row: &MessageRow,
    digest: &str,
) -> Result<(Seq, i64), DbError> {
    let mut params = said(row, digest);
    params.push(conversation.into());
    let stored = tx.one(APPEND, &params).await?;
    Ok((stored.get("seq")?, stored.get("changed_seq")?))
}

/// The message with this id, if there is one.
pub async fn find(tx: &Tx, id: MessageId) -> Result<Option<Stored>, DbError> {
    let Some(row) = tx.optional(FIND, &[id.into()]).await? else { return Ok(None) };
    Ok(Some(Stored { conversation_id: row.get("conversation_id")?, row: from_row(row)? }))
}

/// Writes what can change of it.
pub async fn update(tx: &Tx, row: &MessageRow) -> Result<(), DbError> {
    let params = [
        row.body.as_str().into(),
        json(&row.mentions).into(),
        json(&row.reactions).into(),
        row.edited_at.map(|at| at.0).into(),
        row.deleted_at.map(|at| at.0).into(),
        row.pinned_at.map(|at| at.0).into(),
        row.changed_seq.into(),
        row.id.into(),
    ];
    tx.execute(UPDATE, &params).await.map(drop)
}

/// Messages sent or changed since, oldest change first.
pub async fn changed(
    tx: &Tx,
    conversation: ConversationId,
    since: i64,
    limit: i64,
) -> Result<Vec<MessageRow>, DbError> {
    let params = [conversation.into(), since.into(), limit.into()];
    tx.query(CHANGED, &params).await?.into_iter().map(from_row).collect()
}

/// Messages below a position and not below `first`, newest first.
pub async fn before(
    tx: &Tx,
    conversation: ConversationId,
    before: i64,
    first: i64,
    limit: i64,
) -> Result<Vec<MessageRow>, DbError> {
    let params = [conversation.into(), before.into(), first.into(), limit.into()];
    tx.query(BEFORE, &params).await?.into_iter().map(from_row).collect()
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("a list is plain data")
}

fn from_json<T: DeserializeOwned>(row: &Row, name: &'static str) -> Result<Vec<T>, DbError> {
    let text = row.text(name)?;
    // Nearly every message has none, and this is every message of every page.
    if text == "[]" {
        return Ok(Vec::new());
    }
    serde_json::from_str(text).map_err(|_| DbError::Column(name))
}

fn from_row(mut row: Row) -> Result<MessageRow, DbError> {
    Ok(MessageRow {
        id: row.get("id")?,
        seq: row.get("seq")?,
        sender_id: row.get("sender_id")?,
        body: row.take("body")?,
        reply_to: row.get("reply_to")?,
        mentions: from_json(&row, "mentions")?,
        mentions_all: row.get::<i64>("mentions_all")? != 0,
        reactions: from_json::<Reaction>(&row, "reactions")?,
        sent_at: row.get("sent_at")?,
        edited_at: row.get("edited_at")?,
        deleted_at: row.get("deleted_at")?,
        pinned_at: row.get("pinned_at")?,
        changed_seq: row.get("changed_seq")?,
    })
}
