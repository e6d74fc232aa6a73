//! Records of imported sources, each with its digest: changes of messages that an export lists separately, and the
//! files that an earlier version imported.

use crate::db::{DbError, Tx};

parlour_sqlite::statements! {
    /// $1 source.
    FIND = "SELECT digest, messages FROM imports WHERE source = $1";
    /// $1 source, $2 digest, $3 messages.
    SET = "INSERT INTO imports (source, digest, messages) VALUES ($1, $2, $3)
        ON CONFLICT (source) DO UPDATE SET digest = excluded.digest, messages = excluded.messages";
}

/// Returns the digest of an imported source, and its number of messages.
pub async fn find(tx: &Tx, source: &str) -> Result<Option<(String, i64)>, DbError> {
    let row = tx.optional(FIND, &[source.into()]).await?;
    row.map(|row| Ok((row.get("digest")?, row.get("messages")?))).transpose()
}

/// Records that a source was imported.
pub async fn set(tx: &Tx, source: &str, digest: &str, messages: i64) -> Result<(), DbError> {
    tx.execute(SET, &[source.into(), digest.into(), messages.into()]).await.map(drop)
}
