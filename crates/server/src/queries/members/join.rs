//! Adds members to a conversation, with a few statements for any number of them.

use super::{COUNT_CHANGED, Member, from_row};
use crate::db::{BatchStatement, ColumnType, DbError, Tx};
use parlour_protocol::{ConversationId, MemberRole, Millis, UserId};

/// Adds users to a conversation. Messages from before a user joined are neither unread for them nor shown as read to
/// others. Joining again starts a new term.
const JOIN: BatchStatement = BatchStatement {
    columns: &[
        ("conversation_id", ColumnType::Id),
        ("user_id", ColumnType::Id),
        ("role", ColumnType::Text),
        ("joined_at", ColumnType::At),
        ("changed_seq", ColumnType::Int),
        ("account_seq", ColumnType::Int),
    ],
    sql: concat!("INSERT INTO conversation_members (conversation_id, user_id, role, joined_at, changed_seq,
            account_seq, last_read_seq, shown_read_seq, visible_from)
        SELECT c.id, input.user_id, input.role, input.joined_at, input.changed_seq, input.account_seq,
            c.last_seq, 0, CASE c.history WHEN 'joining' THEN c.last_seq + 1 ELSE 1 END
        FROM input CROSS JOIN conversations AS c WHERE c.id = input.conversation_id
        ON CONFLICT (conversation_id, user_id) DO UPDATE SET
            role = excluded.role, joined_at = excluded.joined_at, left_at = NULL,
            term = conversation_members.term + 1, visible_from = excluded.visible_from,
            last_read_seq = excluded.last_read_seq, shown_read_seq = excluded.shown_read_seq,
            hidden_at = NULL, marked_unread = 0, removed_by = NULL, purged = 0,
            changed_seq = excluded.changed_seq, account_seq = excluded.account_seq
        RETURNING ", member!()),
};

#[cfg(test)]
pub(crate) const BATCH_STATEMENTS: &[(&str, &BatchStatement)] = &[("JOIN", &JOIN)];

/// A user who joins a conversation.
pub struct NewMember {
    /// The user.
    pub user: UserId,
    /// Their role.
    pub role: MemberRole,
    /// The change in their account's stream.
    pub account_seq: i64,
}

/// Adds distinct users, who are not members yet, to a conversation. Returns them in the order of their ids.
pub async fn join_all(
    tx: &Tx,
    conversation: ConversationId,
    joining: &[NewMember],
    now: Millis,
    changed_seq: i64,
) -> Result<Vec<Member>, DbError> {
    let count = i64::try_from(joining.len()).unwrap_or(i64::MAX);
    tx.execute(COUNT_CHANGED, &[count.into(), conversation.into()]).await?;
    let input = joining.iter().map(|new| {
        vec![
            conversation.into(),
            new.user.into(),
            new.role.as_str().into(),
            now.into(),
            changed_seq.into(),
            new.account_seq.into(),
        ]
    });
    let rows = tx.query_batch(&JOIN, input.collect()).await?;
    let mut members = rows.iter().map(from_row).collect::<Result<Vec<_>, _>>()?;
    members.sort_by_key(|member| member.row.user_id);
    Ok(members)
}
