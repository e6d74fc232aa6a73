//! Results of ops that leave no message behind.

use crate::db::{DbError, Tx};
use parlour_protocol::{Millis, OpId, UserId};

parlour_sqlite::statements! {
    /// $1 user, $2 id.
    FIND = "SELECT digest, done FROM ops WHERE user_id = $1 AND id = $2";
    /// $1 user, $2 id, $3 digest, $4 done, $5 created_at.
    INSERT = "INSERT INTO ops (user_id, id, digest, done, created_at) VALUES ($1, $2, $3, $4, $5)";
}

/// An op that was done: its content's digest and the answer that it got, as JSON.
pub struct Done {
    /// Of the content.
    pub digest: String,
    /// The answer.
    pub done: String,
}

/// The op's first result, if it was done before.
pub async fn find(tx: &Tx, user: UserId, id: OpId) -> Result<Option<Done>, DbError> {
    let row = tx.optional(FIND, &[user.into(), id.into()]).await?;
    row.map(|row| Ok(Done { digest: row.get("digest")?, done: row.get("done")? })).transpose()
}

/// Remembers a result.
pub async fn insert(
    tx: &Tx,
    user: UserId,
    id: OpId,
    done: &Done,
    now: Millis,
) -> Result<(), DbError> {
    let params = [
        user.into(),
        id.into(),
        done.digest.as_str().into(),
        done.done.as_str().into(),
        now.0.into(),
    ];
    tx.execute(INSERT, &params).await.map(drop)
}
