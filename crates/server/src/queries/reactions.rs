//! Reactions to messages.

use crate::db::{BatchStatement, ColumnType, DbError, Row, Tx, Value};
use parlour_protocol::{Count, MessageId, MessageRow, Millis, Reaction, UserId};
use std::collections::{BTreeMap, HashSet};

/// The largest number of users named with a reaction.
const MAX_NAMED: usize = 20;

parlour_sqlite::statements! {
    /// $1 message, $2 emoji, $3 user, $4 time.
    INSERT = "INSERT INTO reactions (message_id, emoji, user_id, reacted_at) VALUES ($1, $2, $3, $4)
        ON CONFLICT (message_id, emoji, user_id) DO NOTHING";
    /// $1 message, $2 emoji, $3 user.
    DELETE = "DELETE FROM reactions WHERE message_id = $1 AND emoji = $2 AND user_id = $3";
    /// $1 message, $2 time.
    DELETE_BEFORE = "DELETE FROM reactions WHERE message_id = $1 AND reacted_at < $2";
    /// $1 message.
    LIST = "SELECT emoji, user_id, reacted_at FROM reactions WHERE message_id = $1";
}

/// Selects those of the given reactions that exist.
const FIND_OWN: BatchStatement = BatchStatement {
    columns: &[
        ("message_id", ColumnType::Id),
        ("emoji", ColumnType::Text),
        ("user_id", ColumnType::Id),
    ],
    sql: "SELECT r.message_id AS message_id, r.emoji AS emoji FROM input CROSS JOIN reactions AS r
        WHERE r.message_id = input.message_id AND r.emoji = input.emoji
            AND r.user_id = input.user_id",
};
#[cfg(test)]
pub(crate) const BATCH_STATEMENTS: &[(&str, &BatchStatement)] =
    &[("FIND_OWN", &FIND_OWN), ("WITH_REACTIONS", &WITH_REACTIONS)];

/// Selects those of the given messages that have reactions, once for each reaction.
const WITH_REACTIONS: BatchStatement = BatchStatement {
    columns: &[("message_id", ColumnType::Id)],
    sql: "SELECT r.message_id AS message_id FROM input CROSS JOIN reactions AS r
        WHERE r.message_id = input.message_id",
};

/// Adds a reaction made at `reacted_at`, or without that removes it, and returns whether that changed anything.
pub async fn set(
    tx: &Tx,
    id: MessageId,
    user: UserId,
    emoji: &str,
    reacted_at: Option<Millis>,
) -> Result<bool, DbError> {
    let changed = match reacted_at {
        Some(at) => {
            tx.execute(INSERT, &[id.into(), emoji.into(), user.into(), at.0.into()]).await?
        }
        None => tx.execute(DELETE, &[id.into(), emoji.into(), user.into()]).await?,
    };
    Ok(changed > 0)
}

/// Removes the reactions to a message that were made before `time`, and returns the number of the others.
pub async fn delete_before(tx: &Tx, id: MessageId, time: Millis) -> Result<usize, DbError> {
    tx.execute(DELETE_BEFORE, &[id.into(), time.0.into()]).await?;
    Ok(tx.query(LIST, &[id.into()]).await?.len())
}

/// Returns those of these messages, whether they exist or not, to which there are reactions.
pub async fn with_reactions(
    tx: &Tx,
    ids: impl Iterator<Item = MessageId>,
) -> Result<HashSet<MessageId>, DbError> {
    let rows = tx.query_batch(&WITH_REACTIONS, ids.map(|id| vec![id.into()]).collect()).await?;
    rows.iter().map(|row| row.get("message_id")).collect()
}

/// An emoji, and everybody who reacted with it, with the times in milliseconds, the first one first.
pub type GivenReaction = (String, Vec<(i64, UserId)>);

/// Returns all reactions to a message, in the order in which each emoji was first used.
pub async fn all(tx: &Tx, id: MessageId) -> Result<Vec<GivenReaction>, DbError> {
    let mut by_emoji: BTreeMap<String, Vec<(i64, UserId)>> = BTreeMap::new();
    for row in tx.query(LIST, &[id.into()]).await? {
        let reaction = (row.get("reacted_at")?, row.get("user_id")?);
        by_emoji.entry(row.get("emoji")?).or_default().push(reaction);
    }
    let mut by_emoji: Vec<_> = by_emoji.into_iter().collect();
    by_emoji.iter_mut().for_each(|(_, users)| users.sort_unstable());
    by_emoji.sort_by_key(|(_, users)| users.first().map(|(at, _)| *at));
    Ok(by_emoji)
}

/// Returns all reactions to a message as members see them, in the order in which each emoji was first used.
/// With `with_names`, each lists its first users; otherwise it has only their number.
pub async fn summary(tx: &Tx, id: MessageId, with_names: bool) -> Result<Vec<Reaction>, DbError> {
    let named = if with_names { MAX_NAMED } else { 0 };
    let summary = all(tx, id).await?.into_iter().map(|(emoji, users)| Reaction {
        emoji,
        count: Count(i64::try_from(users.len()).unwrap_or(i64::MAX)),
        users: users.into_iter().take(named).map(|(_, user)| user).collect(),
        own: None,
    });
    Ok(summary.collect())
}

/// For each reaction to these messages that does not list all of its users, records whether `user` is one of them.
pub async fn mark_own(
    tx: &Tx,
    user: UserId,
    messages: Vec<&mut MessageRow>,
) -> Result<(), DbError> {
    let keys_of = |row: &MessageRow| -> Vec<Vec<Value>> {
        let incomplete = row.reactions.iter().filter(|reaction| reaction.is_cut());
        incomplete
            .map(|reaction| vec![row.id.into(), reaction.emoji.as_str().into(), user.into()])
            .collect()
    };
    let keys: Vec<_> = messages.iter().flat_map(|row| keys_of(row)).collect();
    if keys.is_empty() {
        return Ok(());
    }
    let from_row = |row: &Row| Ok((row.get("message_id")?, row.get("emoji")?));
    let rows = tx.query_batch(&FIND_OWN, keys).await?;
    let own =
        rows.iter().map(from_row).collect::<Result<HashSet<(MessageId, String)>, DbError>>()?;
    for row in messages {
        for reaction in row.reactions.iter_mut().filter(|reaction| reaction.is_cut()) {
            reaction.own = Some(own.contains(&(row.id, reaction.emoji.clone())));
        }
    }
    Ok(())
}
