//! Settings of the whole server that administrators change while it runs.

use crate::db::{DbError, Tx};
use parlour_sqlite::open_unchanged;
use std::path::Path;

parlour_sqlite::statements! {
    /// $1 name.
    FIND = "SELECT value FROM server_settings WHERE name = $1";
    /// $1 name, $2 name, $3 name, $4 name, $5 name.
    FIND_FIVE = "SELECT name, value FROM server_settings WHERE name IN ($1, $2, $3, $4, $5)";
    /// $1 name, $2 value.
    PUT = "INSERT INTO server_settings (name, value) VALUES ($1, $2)
        ON CONFLICT (name) DO UPDATE SET value = excluded.value";
}

/// The name of the setting that enables presence and statuses.
pub const PRESENCE: &str = "presence";
/// The values of a setting that is on or off.
pub const ON: &str = "on";
/// See [`ON`].
pub const OFF: &str = "off";

/// Returns whether an administrator switched presence and statuses on or off.
pub async fn presence(tx: &Tx) -> Result<Option<bool>, DbError> {
    Ok(find(tx, PRESENCE).await?.map(|value| value != OFF))
}

/// Returns the value of a setting.
pub async fn find(tx: &Tx, name: &str) -> Result<Option<String>, DbError> {
    tx.optional(FIND, &[name.into()]).await?.map(|row| row.get("value")).transpose()
}

/// Returns the values of five settings; `None` for each that was not set.
pub async fn find_five(tx: &Tx, names: [&str; 5]) -> Result<[Option<String>; 5], DbError> {
    let rows = tx.query(FIND_FIVE, &names.map(Into::into)).await?;
    let pairs = rows.iter().map(|row| Ok((row.get("name")?, row.get("value")?)));
    Ok(in_order(names, pairs.collect::<Result<_, DbError>>()?))
}

/// Like [`find_five`], from the SQLite file of a server that is not running. Does not change the file.
///
/// # Errors
/// Fails if the file is missing, cannot be read, or is of a version without settings.
pub fn find_five_in_file(path: &Path, names: [&str; 5]) -> rusqlite::Result<[Option<String>; 5]> {
    let conn = open_unchanged(path)?;
    let mut statement = conn.prepare(FIND_FIVE)?;
    let rows = statement.query_map(names, |row| Ok((row.get("name")?, row.get("value")?)))?;
    Ok(in_order(names, rows.collect::<rusqlite::Result<_>>()?))
}

fn in_order(names: [&str; 5], pairs: Vec<(String, String)>) -> [Option<String>; 5] {
    let mut found = [const { None }; 5];
    for (name, value) in pairs {
        if let Some(index) = names.iter().position(|known| *known == name) {
            found[index] = Some(value);
        }
    }
    found
}

/// Sets the value of a setting.
pub async fn put(tx: &Tx, name: &str, value: &str) -> Result<(), DbError> {
    tx.execute(PUT, &[name.into(), value.into()]).await.map(drop)
}
