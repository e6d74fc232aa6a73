//! What people think of messages.

use crate::db::{DbError, Tx};
use parlour_protocol::{Count, MessageId, Millis, Reaction, UserId};
use std::collections::BTreeMap;

/// People named with a reaction.
const NAMED: usize = 20;

parlour_sqlite::statements! {
    /// $1 message, $2 emoji, $3 user, $4 time.
    INSERT = "INSERT INTO reactions (message_id, emoji, user_id, reacted_at) VALUES ($1, $2, $3, $4)
        ON CONFLICT (message_id, emoji, user_id) DO NOTHING";
    /// $1 message, $2 emoji, $3 user.
    DELETE = "DELETE FROM reactions WHERE message_id = $1 AND emoji = $2 AND user_id = $3";
    /// $1 message.
    OF_MESSAGE = "SELECT emoji, user_id, reacted_at FROM reactions WHERE message_id = $1";
}

/// Reacts, or takes it back; answers whether that changed anything.
pub async fn set(
    tx: &Tx,
    id: MessageId,
    user: UserId,
    emoji: &str,
    on: Option<Millis>,
) -> Result<bool, DbError> {
    let changed = match on {
        Some(now) => {
            tx.execute(INSERT, &[id.into(), emoji.into(), user.into(), now.0.into()]).await?
        }
        None => tx.execute(DELETE, &[id.into(), emoji.into(), user.into()]).await?,
    };
    Ok(changed > 0)
}

/// All reactions to a message as members see them: the kind that came first stands first. With the
/// first people of each kind, or only how many there are.
pub async fn summary(tx: &Tx, id: MessageId, with_names: bool) -> Result<Vec<Reaction>, DbError> {
    let named = if with_names { NAMED } else { 0 };
    let mut kinds: BTreeMap<String, Vec<(i64, UserId)>> = BTreeMap::new();
    for row in tx.query(OF_MESSAGE, &[id.into()]).await? {
        let reacted = (row.get("reacted_at")?, row.get("user_id")?);
        kinds.entry(row.get("emoji")?).or_default().push(reacted);
    }
    let mut kinds: Vec<_> = kinds.into_iter().collect();
    kinds.iter_mut().for_each(|(_, reacted)| reacted.sort_unstable());
    kinds.sort_by_key(|(_, reacted)| reacted.first().map(|(at, _)| *at));
    let summary = kinds.into_iter().map(|(emoji, reacted)| Reaction {
        emoji,
        count: Count(i64::try_from(reacted.len()).unwrap_or(i64::MAX)),
        users: reacted.into_iter().take(named).map(|(_, user)| user).collect(),
    });
    Ok(summary.collect())
}
