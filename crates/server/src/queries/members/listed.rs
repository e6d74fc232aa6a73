//! Lists of members for exports of the whole server, and of the conversations of a user with their roles.

use super::member;
use crate::db::{DbError, Row, Tx};
use parlour_protocol::{ConversationId, MemberRole, MemberRow, UserId};

parlour_sqlite::statements! {
    /// $1 conversation, $2 after, $3 limit.
    AFTER = concat!("SELECT ", public_columns!(), "
        FROM conversation_members WHERE conversation_id = $1 AND user_id > $2
        ORDER BY user_id LIMIT $3");
    /// $1 user.
    ROLES_OF = "SELECT conversation_id, role FROM conversation_members
        WHERE user_id = $1 AND left_at IS NULL";
}

/// Returns the next `limit` current and former members of a conversation by id, as the others see them.
pub async fn after(
    tx: &Tx,
    conversation: ConversationId,
    after: UserId,
    limit: i64,
) -> Result<Vec<MemberRow>, DbError> {
    let params = [conversation.into(), after.into(), limit.into()];
    tx.query(AFTER, &params).await?.iter().map(member).collect()
}

/// Returns the conversations that a user is in, and the user's role in each.
pub async fn roles_of(tx: &Tx, user: UserId) -> Result<Vec<(ConversationId, MemberRole)>, DbError> {
    let role = |row: &Row| {
        let role = MemberRole::parse(row.text("role")?).ok_or(DbError::Column("role"))?;
        Ok((row.get("conversation_id")?, role))
    };
    tx.query(ROLES_OF, &[user.into()]).await?.iter().map(role).collect()
}

/// Returns the groups that a user owns.
pub async fn owned_by(tx: &Tx, user: UserId) -> Result<Vec<ConversationId>, DbError> {
    let mut roles = roles_of(tx, user).await?;
    roles.retain(|(_, role)| *role == MemberRole::Owner);
    Ok(roles.into_iter().map(|(id, _)| id).collect())
}
