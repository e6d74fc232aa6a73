//! The state that is needed to check and store messages, read for all of them in one query.

use crate::db::{BatchStatement, ColumnType, DbError, Row, Tx};
use parlour_protocol::{ConversationId, ConversationType, MemberRole, MessageId, Seq, UserId};
use std::collections::HashMap;

const CONTEXT: BatchStatement = BatchStatement {
    columns: &[
        ("id", ColumnType::Id),
        ("sender_id", ColumnType::Id),
        ("conversation_id", ColumnType::Id),
        ("reply_to", ColumnType::Id),
    ],
    sql: "SELECT input.id AS id, k.id AS sent, o.id AS done, m.role AS role, m.left_at AS left_at,
            m.visible_from AS visible_from, c.type AS type, c.archived_at AS archived_at,
            c.last_seq AS last_seq, s.head AS head,
            r.conversation_id AS reply_conversation_id, r.seq AS reply_seq
        FROM input
            LEFT JOIN messages AS k ON k.id = input.id
            LEFT JOIN ops AS o ON o.user_id = input.sender_id AND o.id = input.id
            LEFT JOIN conversation_members AS m
                ON m.conversation_id = input.conversation_id AND m.user_id = input.sender_id
            LEFT JOIN conversations AS c ON c.id = input.conversation_id
            LEFT JOIN streams AS s ON s.kind = 'conversation' AND s.id = input.conversation_id
            LEFT JOIN messages AS r ON r.id = input.reply_to",
};
#[cfg(test)]
pub(crate) const BATCH_STATEMENTS: &[(&str, &BatchStatement)] = &[("CONTEXT", &CONTEXT)];

/// A message to send: its id, its sender, its conversation, and the message that it replies to.
pub type UnsentMessage = (MessageId, UserId, ConversationId, Option<MessageId>);

/// The state that is needed to check and store a message.
pub struct SendContext {
    /// Whether its id was already used, for a message or by the sender for another op.
    pub is_known: bool,
    /// The conversation; `None` if the sender is not a member.
    pub target: Option<SendTarget>,
    /// The conversation and position of the message that it replies to.
    pub reply: Option<(ConversationId, Seq)>,
}

/// A conversation that a message is sent to, and the sender's membership.
pub struct SendTarget {
    /// The sender's role.
    pub role: MemberRole,
    /// The first message that the sender may see.
    pub visible_from: Seq,
    /// Whether it is a group or a direct message.
    pub kind: ConversationType,
    /// Whether it is read-only.
    pub is_archived: bool,
    /// The position of the newest message.
    pub last_seq: Seq,
    /// The number of the stream's newest change.
    pub head: i64,
}

/// Returns the context of each message, before any of them is stored. The messages must have different ids.
pub async fn contexts(
    tx: &Tx,
    unsent: impl Iterator<Item = UnsentMessage>,
) -> Result<HashMap<MessageId, SendContext>, DbError> {
    let input = unsent.map(|(id, sender, conversation, reply_to)| {
        vec![id.into(), sender.into(), conversation.into(), reply_to.into()]
    });
    let rows = tx.query_batch(&CONTEXT, input.collect()).await?;
    rows.iter().map(|row| Ok((row.get("id")?, from_row(row)?))).collect()
}

fn from_row(row: &Row) -> Result<SendContext, DbError> {
    let known: [Option<MessageId>; 2] = [row.get("sent")?, row.get("done")?];
    let reply = match row.get::<Option<ConversationId>>("reply_conversation_id")? {
        Some(conversation) => Some((conversation, row.get("reply_seq")?)),
        None => None,
    };
    Ok(SendContext { is_known: known.iter().any(Option::is_some), target: target(row)?, reply })
}

fn target(row: &Row) -> Result<Option<SendTarget>, DbError> {
    let Some(role) = row.get::<Option<String>>("role")? else { return Ok(None) };
    if !row.is_null("left_at") {
        return Ok(None);
    }
    let kind: String = row.get("type")?;
    Ok(Some(SendTarget {
        role: MemberRole::parse(&role).ok_or(DbError::Column("role"))?,
        visible_from: row.get("visible_from")?,
        kind: ConversationType::parse(&kind).ok_or(DbError::Column("type"))?,
        is_archived: !row.is_null("archived_at"),
        last_seq: row.get("last_seq")?,
        head: row.get::<Option<i64>>("head")?.unwrap_or(0),
    }))
}
