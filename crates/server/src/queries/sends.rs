//! What has to be known of messages before they are stored.

use crate::db::{DbError, Each, Kind, Row, Tx};
use parlour_protocol::{ConversationId, ConversationType, MemberRole, MessageId, Seq, UserId};
use std::collections::HashMap;

const STANDING: Each = Each {
    columns: &[
        ("id", Kind::Id),
        ("sender_id", Kind::Id),
        ("conversation_id", Kind::Id),
        ("reply_to", Kind::Id),
    ],
    sql: "SELECT given.id AS id, k.id AS sent, o.id AS done, m.role AS role, m.left_at AS left_at,
            m.visible_from AS visible_from, c.type AS type, c.archived_at AS archived_at,
            c.last_seq AS last_seq, s.head AS head,
            r.conversation_id AS reply_conversation_id, r.seq AS reply_seq
        FROM given
            LEFT JOIN messages AS k ON k.id = given.id
            LEFT JOIN ops AS o ON o.user_id = given.sender_id AND o.id = given.id
            LEFT JOIN conversation_members AS m
                ON m.conversation_id = given.conversation_id AND m.user_id = given.sender_id
            LEFT JOIN conversations AS c ON c.id = given.conversation_id
            LEFT JOIN streams AS s ON s.kind = 'conversation' AND s.id = given.conversation_id
            LEFT JOIN messages AS r ON r.id = given.reply_to",
};
#[cfg(test)]
pub(crate) const EACH: &[(&str, &Each)] = &[("STANDING", &STANDING)];

/// A message by its id, who sends it, where, and what it answers.
pub type Sent = (MessageId, UserId, ConversationId, Option<MessageId>);

/// Where a message finds itself.
pub struct Standing {
    /// Whether its id was used before, for a message or by the sender for something else.
    pub is_known: bool,
    /// The conversation as it is for its sender; nothing where they are not in it.
    pub place: Option<Place>,
    /// Where the message is that it answers.
    pub reply: Option<(ConversationId, Seq)>,
}

/// A conversation, for somebody who is in it.
pub struct Place {
    /// What they may do.
    pub role: MemberRole,
    /// The first message that they may see.
    pub visible_from: Seq,
    /// What it is.
    pub kind: ConversationType,
    /// Whether nothing more is said in it.
    pub is_archived: bool,
    /// The newest message's position.
    pub last_seq: Seq,
    /// The stream's newest change.
    pub head: i64,
}

/// Where these messages find themselves, before any of them is stored. No two have the same id.
pub async fn standing(
    tx: &Tx,
    sent: impl Iterator<Item = Sent>,
) -> Result<HashMap<MessageId, Standing>, DbError> {
    let given = sent.map(|(id, sender, conversation, reply_to)| {
        vec![id.into(), sender.into(), conversation.into(), reply_to.into()]
    });
    let rows = tx.query_each(&STANDING, given.collect()).await?;
    rows.iter().map(|row| Ok((row.get("id")?, from_row(row)?))).collect()
}

fn from_row(row: &Row) -> Result<Standing, DbError> {
    let known: [Option<MessageId>; 2] = [row.get("sent")?, row.get("done")?];
    let reply = match row.get::<Option<ConversationId>>("reply_conversation_id")? {
        Some(conversation) => Some((conversation, row.get("reply_seq")?)),
        None => None,
    };
    Ok(Standing { is_known: known.iter().any(Option::is_some), place: place(row)?, reply })
}

fn place(row: &Row) -> Result<Option<Place>, DbError> {
    let Some(role) = row.get::<Option<String>>("role")? else { return Ok(None) };
    if !row.is_null("left_at") {
        return Ok(None);
    }
    let kind: String = row.get("type")?;
    Ok(Some(Place {
        role: MemberRole::parse(&role).ok_or(DbError::Column("role"))?,
        visible_from: row.get("visible_from")?,
        kind: ConversationType::parse(&kind).ok_or(DbError::Column("type"))?,
        is_archived: !row.is_null("archived_at"),
        last_seq: row.get("last_seq")?,
        head: row.get::<Option<i64>>("head")?.unwrap_or(0),
    }))
}
