//! Results of ops, by which a retry is known.

use crate::db::{DbError, Tx};
use parlour_protocol::{Millis, OpId, UserId};

parlour_sqlite::statements! {
    /// $1 id, $2 user. A send is known by its message.
    KNOWN = "SELECT digest, sender_id AS user_id, '' AS done FROM messages WHERE id = $1
        UNION ALL SELECT digest, user_id, done FROM ops WHERE user_id = $2 AND id = $1";
    /// $1 user, $2 id, $3 digest, $4 done, $5 created_at.
    INSERT = "INSERT INTO ops (user_id, id, digest, done, created_at) VALUES ($1, $2, $3, $4, $5)";
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
