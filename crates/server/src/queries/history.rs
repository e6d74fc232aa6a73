//! Queries on messages that only imports and exports need: which messages exist, what they reply to, and how to reorder
//! them.

use crate::db::{BatchStatement, ColumnType, DbError, Row, Tx};
use parlour_protocol::{ConversationId, MessageId, Millis};
use std::collections::HashMap;

parlour_sqlite::statements! {
    /// $1 conversation, $2 after, $3 limit.
    TIMES = "SELECT seq, sent_at FROM messages WHERE conversation_id = $1 AND seq > $2
        ORDER BY seq LIMIT $3";
    /// $1 conversation, $2 after, $3 limit. Also reads the imported messages in between.
    NOT_IMPORTED = "SELECT seq FROM messages
        WHERE conversation_id = $1 AND seq > $2 AND substr(digest, 1, 8) <> 'imported'
        ORDER BY seq LIMIT $3";
    /// $1 conversation, $2 after, $3 limit.
    REPLIES = "SELECT seq, id, reply_to, deleted_at FROM messages WHERE conversation_id = $1 AND seq > $2
        ORDER BY seq LIMIT $3";
    /// $1 conversation, $2 after, $3 limit.
    ORIGINS = "SELECT seq, id, import_run, deleted_at,
            CASE WHEN reactions = '[]' THEN 0 ELSE 1 END AS has_reactions,
            CASE WHEN files = '[]' THEN 0 ELSE 1 END AS has_files,
            (SELECT count(*) FROM edits AS e WHERE e.message_id = messages.id) AS edits
        FROM messages WHERE conversation_id = $1 AND seq > $2 ORDER BY seq LIMIT $3";
    /// $1 id.
    IMPORT_RUN = "SELECT import_run FROM messages WHERE id = $1";
    /// $1 conversation, $2 first, $3 last.
    REMOVE = "DELETE FROM messages WHERE conversation_id = $1 AND seq >= $2 AND seq <= $3";
    /// $1 digest, $2 id.
    SET_DIGEST = "UPDATE messages SET digest = $1 WHERE id = $2";
}

/// Selects the digests of those of the given messages that exist.
const DIGESTS: BatchStatement = BatchStatement {
    columns: &[("id", ColumnType::Id)],
    sql: "SELECT m.id AS id, m.digest AS digest FROM input CROSS JOIN messages AS m
        WHERE m.id = input.id",
};

/// Changes the positions of messages.
const MOVE: BatchStatement = BatchStatement {
    columns: &[
        ("conversation_id", ColumnType::Id),
        ("old_seq", ColumnType::Int),
        ("new_seq", ColumnType::Int),
    ],
    sql: "UPDATE messages SET seq = input.new_seq FROM input
        WHERE messages.conversation_id = input.conversation_id AND messages.seq = input.old_seq",
};
#[cfg(test)]
pub(crate) const BATCH_STATEMENTS: &[(&str, &BatchStatement)] =
    &[("DIGESTS", &DIGESTS), ("MOVE", &MOVE)];

/// The number of messages that one statement reads or moves.
const BATCH_SIZE: usize = 10_000;

/// The prefix of the digest of an imported message.
pub const IMPORTED: &str = "imported";

/// Returns the digests of those of these messages that exist.
pub async fn digests(
    tx: &Tx,
    ids: impl Iterator<Item = MessageId>,
) -> Result<HashMap<MessageId, String>, DbError> {
    let rows = tx.query_batch(&DIGESTS, ids.map(|id| vec![id.into()]).collect()).await?;
    rows.iter().map(|row: &Row| Ok((row.get("id")?, row.get("digest")?))).collect()
}

/// Where a message stands in its thread.
pub struct ThreadPosition {
    /// Its position in the conversation.
    pub seq: i64,
    /// Its id.
    pub id: MessageId,
    /// The message that it replies to.
    pub reply_to: Option<MessageId>,
    /// Whether it was deleted.
    pub is_deleted: bool,
}

/// Returns the messages at the next positions above `after`, without their texts; none at the end.
pub async fn thread_positions(
    tx: &Tx,
    conversation: ConversationId,
    after: i64,
) -> Result<Vec<ThreadPosition>, DbError> {
    let limit = i64::try_from(BATCH_SIZE).unwrap_or(i64::MAX);
    let rows = tx.query(REPLIES, &[conversation.into(), after.into(), limit.into()]).await?;
    let position = |row: &Row| {
        Ok(ThreadPosition {
            seq: row.get("seq")?,
            id: row.get("id")?,
            reply_to: row.get("reply_to")?,
            is_deleted: !row.is_null("deleted_at"),
        })
    };
    rows.iter().map(position).collect()
}

/// Where a message came from, and what else is stored for it.
pub struct MessageOrigin {
    /// Its position in the conversation.
    pub seq: i64,
    /// Its id.
    pub id: MessageId,
    /// The number of the import that added it; 0 if it was sent here, or added by a version that did not record that.
    pub import_run: i64,
    /// When it was deleted.
    pub deleted_at: Option<Millis>,
    /// Whether it has reactions.
    pub has_reactions: bool,
    /// Whether it has files.
    pub has_files: bool,
    /// Whether it has earlier texts.
    pub has_edits: bool,
}

/// Returns the origins of the messages at the next positions above `after`; none at the end.
pub async fn origins(
    tx: &Tx,
    conversation: ConversationId,
    after: i64,
) -> Result<Vec<MessageOrigin>, DbError> {
    let limit = i64::try_from(BATCH_SIZE).unwrap_or(i64::MAX);
    let rows = tx.query(ORIGINS, &[conversation.into(), after.into(), limit.into()]).await?;
    let origin = |row: &Row| {
        Ok(MessageOrigin {
            seq: row.get("seq")?,
            id: row.get("id")?,
            import_run: row.get("import_run")?,
            deleted_at: row.get("deleted_at")?,
            has_reactions: row.get::<i64>("has_reactions")? != 0,
            has_files: row.get::<i64>("has_files")? != 0,
            has_edits: row.get::<i64>("edits")? != 0,
        })
    };
    rows.iter().map(origin).collect()
}

/// Returns the number of the import that added a message, as in [`MessageOrigin`]; 0 if there is no such message.
pub async fn import_run(tx: &Tx, id: MessageId) -> Result<i64, DbError> {
    let row = tx.optional(IMPORT_RUN, &[id.into()]).await?;
    row.map_or(Ok(0), |row| row.get("import_run"))
}

/// Removes the rows of messages at positions from `first` to `last`. The positions of the later ones must be changed
/// in the same transaction.
pub async fn remove(
    tx: &Tx,
    conversation: ConversationId,
    (first, last): (i64, i64),
) -> Result<(), DbError> {
    let step = i64::try_from(BATCH_SIZE).unwrap_or(i64::MAX);
    let mut from = first;
    while from <= last {
        let to = last.min(from.saturating_add(step - 1));
        tx.execute(REMOVE, &[conversation.into(), from.into(), to.into()]).await?;
        from = to + 1;
    }
    Ok(())
}

/// Stores the digest of an imported message, which identifies its import.
pub async fn set_digest(tx: &Tx, id: MessageId, digest: &str) -> Result<(), DbError> {
    tx.execute(SET_DIGEST, &[digest.into(), id.into()]).await.map(drop)
}

/// Returns the times of all messages of a conversation, in the order of their positions.
pub async fn times(tx: &Tx, conversation: ConversationId) -> Result<Vec<i64>, DbError> {
    let mut times = Vec::new();
    loop {
        let after = i64::try_from(times.len()).unwrap_or(i64::MAX);
        let limit = i64::try_from(BATCH_SIZE).unwrap_or(i64::MAX);
        let rows = tx.query(TIMES, &[conversation.into(), after.into(), limit.into()]).await?;
        for row in &rows {
            times.push(row.get("sent_at")?);
        }
        if rows.len() < BATCH_SIZE {
            return Ok(times);
        }
    }
}

/// Returns the positions above `after` of the messages that were not imported.
pub async fn not_imported(
    tx: &Tx,
    conversation: ConversationId,
    mut after: i64,
) -> Result<Vec<i64>, DbError> {
    let mut positions = Vec::new();
    loop {
        let limit = i64::try_from(BATCH_SIZE).unwrap_or(i64::MAX);
        let params = [conversation.into(), after.into(), limit.into()];
        let rows = tx.query(NOT_IMPORTED, &params).await?;
        for row in &rows {
            after = row.get("seq")?;
            positions.push(after);
        }
        if rows.len() < BATCH_SIZE {
            return Ok(positions);
        }
    }
}

/// Moves messages from one position to another. First all of them get negative positions, because positions are
/// unique.
pub async fn reorder(
    tx: &Tx,
    conversation: ConversationId,
    moves: &[(i64, i64)],
) -> Result<(), DbError> {
    for is_first_pass in [true, false] {
        for batch in moves.chunks(BATCH_SIZE) {
            let params = |(old_seq, new_seq): &(i64, i64)| {
                let (old_seq, new_seq) =
                    if is_first_pass { (*old_seq, -new_seq) } else { (-new_seq, *new_seq) };
                vec![conversation.into(), old_seq.into(), new_seq.into()]
            };
            tx.write_batch(&MOVE, batch.iter().map(params).collect()).await?;
        }
    }
    Ok(())
}
