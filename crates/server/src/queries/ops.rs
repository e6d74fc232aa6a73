//! Results of ops, by which a retry is known.

use crate::db::{DbError, Tx};
use parlour_protocol::{Millis, OpId, UserId};

parlour_sqlite::statements! {
    /// $1 id, $2 user. A send is known by its message.
    KNOWN = "SELECT digest, sender_id AS user_id, '' AS done FROM messages WHERE id = $1
        UNION ALL SELECT digest, user_id, done FROM ops WHERE user_id = $2 AND id = $1";
    /// $1 user, $2 id, $3 digest, $4 done, $5 created_at.
    INSERT = "INSERT INTO ops (user_id, id, digest, done, created_at) VALUES ($1, $2, $3, $4, $5)";
    /// $1 before, $2 limit.
    FORGET = "DELETE FROM ops WHERE (user_id, id) IN
        (SELECT user_id, id FROM ops WHERE created_at < $1 ORDER BY created_at LIMIT $2)";
}

/// An op that was done.
pub struct Known {
    /// Of its content.
    pub digest: String,
    /// Who did it.
    pub user_id: UserId,
    /// The answer that it got, as JSON; empty for a send, whose answer is its message.
    pub done: String,
}

/// The op under this id, if it was done before; a send, whoever sent it.
pub async fn known(tx: &Tx, user: UserId, id: OpId) -> Result<Option<Known>, DbError> {
    let row = tx.optional(KNOWN, &[id.into(), user.into()]).await?;
    row.map(|row| {
        let (digest, done) = (row.get("digest")?, row.get("done")?);
        Ok(Known { digest, user_id: row.get("user_id")?, done })
    })
    .transpose()
}

/// Remembers a result.
pub async fn insert(
    tx: &Tx,
    user: UserId,
    id: OpId,
    (digest, done): (&str, &str),
    now: Millis,
) -> Result<(), DbError> {
    let params = [user.into(), id.into(), digest.into(), done.into(), now.0.into()];
    tx.execute(INSERT, &params).await.map(drop)
}

/// How long a result is remembered: three times as long as clients offer what they did again.
const REMEMBERED_MS: i64 = 90 * 24 * 3600 * 1000;
/// Most results forgotten in one commit.
const FORGOTTEN: i64 = 1000;

/// Forgets some of the results that are too old; answers whether there may be more.
pub async fn forget_old(tx: &Tx, now: Millis) -> Result<bool, DbError> {
    let before = now.0 - REMEMBERED_MS;
    let forgotten = tx.execute(FORGET, &[before.into(), FORGOTTEN.into()]).await?;
    Ok(i64::try_from(forgotten).is_ok_and(|forgotten| forgotten >= FORGOTTEN))
}
