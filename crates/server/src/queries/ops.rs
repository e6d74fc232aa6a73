//! The ops that were performed, to recognise retries. Their results are not stored: a retry reads the current rows.

use crate::db::{DbError, Tx};
use parlour_protocol::periods::OPS_RETENTION_MS;
use parlour_protocol::{Millis, OpId, UserId};

parlour_sqlite::statements! {
    /// $1 id, $2 user. A send is recognised by its message.
    FIND = "SELECT digest, sender_id AS user_id FROM messages WHERE id = $1
        UNION ALL SELECT digest, user_id FROM ops WHERE user_id = $2 AND id = $1";
    /// $1 user, $2 id, $3 digest, $4 created_at.
    INSERT = "INSERT INTO ops (user_id, id, digest, created_at) VALUES ($1, $2, $3, $4)";
    /// $1 before.
    OLDEST = "SELECT created_at FROM ops WHERE created_at < $1 ORDER BY created_at LIMIT 1";
    /// $1 before, $2 limit.
    FORGET = "DELETE FROM ops WHERE (user_id, id) IN
        (SELECT user_id, id FROM ops WHERE created_at < $1 ORDER BY created_at LIMIT $2)";
}

/// An op that was performed.
pub struct KnownOp {
    /// The digest of its content.
    pub digest: String,
    /// The user who performed it.
    pub user_id: UserId,
}

/// Returns the op with this id if `user` performed it before; a sent message is found for any user.
pub async fn find(tx: &Tx, user: UserId, id: OpId) -> Result<Option<KnownOp>, DbError> {
    let row = tx.optional(FIND, &[id.into(), user.into()]).await?;
    row.map(|row| Ok(KnownOp { digest: row.get("digest")?, user_id: row.get("user_id")? }))
        .transpose()
}

/// Records that an op was performed.
pub async fn insert(
    tx: &Tx,
    user: UserId,
    id: OpId,
    digest: &str,
    now: Millis,
) -> Result<(), DbError> {
    let params = [user.into(), id.into(), digest.into(), now.0.into()];
    tx.execute(INSERT, &params).await.map(drop)
}

/// The longest period of ops that is forgotten at once. If the clock is wrong for an hour and far ahead, no more than
/// a day's ops are lost.
const MAX_FORGOTTEN_MS: i64 = 24 * 3600 * 1000;
/// The largest number of ops forgotten in one commit.
const BATCH_SIZE: i64 = 1000;

/// Returns the time before which ops may be forgotten now.
pub async fn forgettable(tx: &Tx, now: Millis) -> Result<Millis, DbError> {
    let before = now.0 - OPS_RETENTION_MS;
    let oldest = tx.optional(OLDEST, &[before.into()]).await?;
    let oldest = oldest.map_or(Ok(before), |row| row.get::<i64>("created_at"))?;
    Ok(Millis(before.min(oldest + MAX_FORGOTTEN_MS)))
}

/// Forgets some of the ops from before a time, and returns whether there may be more.
pub async fn forget(tx: &Tx, before: Millis) -> Result<bool, DbError> {
    let forgotten = tx.execute(FORGET, &[before.0.into(), BATCH_SIZE.into()]).await?;
    Ok(i64::try_from(forgotten).is_ok_and(|forgotten| forgotten >= BATCH_SIZE))
}
