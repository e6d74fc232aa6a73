//! What imports need of messages beside what ops do: whether they are there, and another order.

use crate::db::{BatchStatement, ColumnType, DbError, Row, Tx};
use parlour_protocol::{ConversationId, MessageId};
use std::collections::HashMap;

parlour_sqlite::statements! {
    /// $1 conversation, $2 after, $3 limit.
    TIMES = "SELECT seq, sent_at FROM messages WHERE conversation_id = $1 AND seq > $2
        ORDER BY seq LIMIT $3";
    /// $1 conversation, $2 after, $3 limit. Reads what was imported in between.
    SAID_HERE = "SELECT seq FROM messages
        WHERE conversation_id = $1 AND seq > $2 AND substr(digest, 1, 8) <> 'imported'
        ORDER BY seq LIMIT $3";
    /// $1 digest, $2 id.
    SET_DIGEST = "UPDATE messages SET digest = $1 WHERE id = $2";
}

/// How messages stand that are there.
const STATES: BatchStatement = BatchStatement {
    columns: &[("id", ColumnType::Id)],
    sql: "SELECT m.id AS id, m.digest AS digest FROM input CROSS JOIN messages AS m
        WHERE m.id = input.id",
};

/// Puts messages at other positions.
const MOVE: BatchStatement = BatchStatement {
    columns: &[
        ("conversation_id", ColumnType::Id),
        ("was", ColumnType::Int),
        ("becomes", ColumnType::Int),
    ],
    sql: "UPDATE messages SET seq = input.becomes FROM input
        WHERE messages.conversation_id = input.conversation_id AND messages.seq = input.was",
};
#[cfg(test)]
pub(crate) const BATCH_STATEMENTS: &[(&str, &BatchStatement)] =
    &[("STATES", &STATES), ("MOVE", &MOVE)];

/// Messages that are read or moved at a time.
const AT_ONCE: usize = 10_000;

/// What the digest of an imported message begins with.
pub const IMPORTED: &str = "imported";

/// Returns the digests of those of these messages that are there.
pub async fn digests(
    tx: &Tx,
    ids: impl Iterator<Item = MessageId>,
) -> Result<HashMap<MessageId, String>, DbError> {
    let rows = tx.query_batch(&STATES, ids.map(|id| vec![id.into()]).collect()).await?;
    rows.iter().map(|row: &Row| Ok((row.get("id")?, row.get("digest")?))).collect()
}

/// Stores what tells this import of a message from another one.
pub async fn set_digest(tx: &Tx, id: MessageId, digest: &str) -> Result<(), DbError> {
    tx.execute(SET_DIGEST, &[digest.into(), id.into()]).await.map(drop)
}

/// Returns the times of all messages of a conversation, by their positions.
pub async fn times(tx: &Tx, conversation: ConversationId) -> Result<Vec<i64>, DbError> {
    let mut times = Vec::new();
    loop {
        let after = i64::try_from(times.len()).unwrap_or(i64::MAX);
        let limit = i64::try_from(AT_ONCE).unwrap_or(i64::MAX);
        let rows = tx.query(TIMES, &[conversation.into(), after.into(), limit.into()]).await?;
        for row in &rows {
            times.push(row.get("sent_at")?);
        }
        if rows.len() < AT_ONCE {
            return Ok(times);
        }
    }
}

/// Returns the positions behind `after` of the messages that no import brought.
pub async fn said_here(
    tx: &Tx,
    conversation: ConversationId,
    mut after: i64,
) -> Result<Vec<i64>, DbError> {
    let mut said = Vec::new();
    loop {
        let limit = i64::try_from(AT_ONCE).unwrap_or(i64::MAX);
        let params = [conversation.into(), after.into(), limit.into()];
        let rows = tx.query(SAID_HERE, &params).await?;
        for row in &rows {
            after = row.get("seq")?;
            said.push(after);
        }
        if rows.len() < AT_ONCE {
            return Ok(said);
        }
    }
}

/// Puts messages from one position to another. All of them go aside first, since a position is taken until whoever
/// has it has gone.
pub async fn reorder(
    tx: &Tx,
    conversation: ConversationId,
    moves: &[(i64, i64)],
) -> Result<(), DbError> {
    for aside in [true, false] {
        for some in moves.chunks(AT_ONCE) {
            let one = |(was, becomes): &(i64, i64)| {
                let (was, becomes) = if aside { (*was, -becomes) } else { (-becomes, *becomes) };
                vec![conversation.into(), was.into(), becomes.into()]
            };
            tx.write_batch(&MOVE, some.iter().map(one).collect()).await?;
        }
    }
    Ok(())
}
