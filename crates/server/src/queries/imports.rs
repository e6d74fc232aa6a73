//! The imported files, each remembered by its digest.

use crate::db::{DbError, Tx};

parlour_sqlite::statements! {
    /// $1 source.
    FIND = "SELECT digest, messages FROM imports WHERE source = $1";
    /// $1 source, $2 digest, $3 messages.
    SET = "INSERT INTO imports (source, digest, messages) VALUES ($1, $2, $3)
        ON CONFLICT (source) DO UPDATE SET digest = excluded.digest, messages = excluded.messages";
    /// $1 first source, $2 past the last.
    BETWEEN =
        "SELECT source FROM imports WHERE source >= $1 AND source < $2 ORDER BY source LIMIT 1";
}

/// Returns the digest of a file when it was imported, and its number of messages then.
pub async fn find(tx: &Tx, source: &str) -> Result<Option<(String, i64)>, DbError> {
    let row = tx.optional(FIND, &[source.into()]).await?;
    row.map(|row| Ok((row.get("digest")?, row.get("messages")?))).transpose()
}

/// Notes that a file was imported.
pub async fn set(tx: &Tx, source: &str, digest: &str, messages: i64) -> Result<(), DbError> {
    tx.execute(SET, &[source.into(), digest.into(), messages.into()]).await.map(drop)
}

/// Returns whether a file was imported whose name is at least `first` and below `past`.
pub async fn has_between(tx: &Tx, first: &str, past: &str) -> Result<bool, DbError> {
    Ok(tx.optional(BETWEEN, &[first.into(), past.into()]).await?.is_some())
}
