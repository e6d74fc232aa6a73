//! Settings of the whole server that administrators change while it runs.

use crate::db::{DbError, Tx};

parlour_sqlite::statements! {
    /// $1 name.
    FIND = "SELECT value FROM server_settings WHERE name = $1";
    /// $1 name, $2 value.
    PUT = "INSERT INTO server_settings (name, value) VALUES ($1, $2)
        ON CONFLICT (name) DO UPDATE SET value = excluded.value";
}

/// Returns the value of a setting.
pub async fn find(tx: &Tx, name: &str) -> Result<Option<String>, DbError> {
    tx.optional(FIND, &[name.into()]).await?.map(|row| row.get("value")).transpose()
}

/// Sets the value of a setting.
pub async fn put(tx: &Tx, name: &str, value: &str) -> Result<(), DbError> {
    tx.execute(PUT, &[name.into(), value.into()]).await.map(drop)
}
