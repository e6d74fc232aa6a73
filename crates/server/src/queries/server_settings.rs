//! Settings of the whole server that administrators change while it runs.

use crate::db::{DbError, Tx};

parlour_sqlite::statements! {
    /// $1 name.
    FIND = "SELECT value FROM server_settings WHERE name = $1";
    /// $1 name, $2 name, $3 name.
    FIND_THREE = "SELECT name, value FROM server_settings WHERE name IN ($1, $2, $3)";
    /// $1 name, $2 value.
    PUT = "INSERT INTO server_settings (name, value) VALUES ($1, $2)
        ON CONFLICT (name) DO UPDATE SET value = excluded.value";
}

/// Returns the value of a setting.
pub async fn find(tx: &Tx, name: &str) -> Result<Option<String>, DbError> {
    tx.optional(FIND, &[name.into()]).await?.map(|row| row.get("value")).transpose()
}

/// Returns the values of three settings; `None` for each that was not set.
pub async fn find_three(tx: &Tx, names: [&str; 3]) -> Result<[Option<String>; 3], DbError> {
    let mut found = [None, None, None];
    for row in tx.query(FIND_THREE, &names.map(Into::into)).await? {
        let (name, value): (String, String) = (row.get("name")?, row.get("value")?);
        if let Some(at) = names.iter().position(|known| *known == name) {
            found[at] = Some(value);
        }
    }
    Ok(found)
}

/// Sets the value of a setting.
pub async fn put(tx: &Tx, name: &str, value: &str) -> Result<(), DbError> {
    tx.execute(PUT, &[name.into(), value.into()]).await.map(drop)
}
