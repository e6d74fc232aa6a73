//! Settings that are the same on all of a user's devices: the mirror's table `settings`.

use crate::error::Result;
use parlour_protocol::SettingRow;
use rusqlite::{Connection, OptionalExtension, Row};

parlour_sqlite::statements! {
    APPLY = concat!("INSERT INTO settings (", synced_settings!(list), ") VALUES (", synced_settings!(values), ")
        ON CONFLICT (name) DO UPDATE SET ", synced_settings!(excluded), "
        WHERE excluded.changed_seq > settings.changed_seq");
    /// $1 name.
    FIND = concat!("SELECT ", synced_settings!(list), " FROM settings WHERE name = $1");
    /// $1 first name, $2 name behind the last, $3 default, $4 limit.
    WITH_PREFIX = concat!("SELECT ", synced_settings!(list), " FROM settings
        WHERE name >= $1 AND name < $2 AND value <> $3 ORDER BY name LIMIT $4");
}

// A few rows, once a day.
const ALL_SETTINGS: &str = concat!("SELECT ", synced_settings!(list), " FROM settings");

/// Writes a setting, if it is newer than the stored one.
pub(crate) fn apply(conn: &Connection, row: &SettingRow) -> Result<()> {
    conn.prepare_cached(APPLY)?.execute((&row.name, &row.value, row.changed_seq))?;
    Ok(())
}

/// Returns the setting named `name`.
pub(crate) fn find(conn: &Connection, name: &str) -> Result<Option<SettingRow>> {
    Ok(conn.prepare_cached(FIND)?.query_row([name], read).optional()?)
}

/// Returns settings whose names start with a prefix that ends in a full stop, except those with the default value.
pub(crate) fn with_prefix(
    conn: &Connection,
    prefix: &str,
    default: &str,
    limit: i64,
) -> Result<Vec<SettingRow>> {
    // In ASCII, a slash follows the full stop.
    let end = format!("{}/", prefix.trim_end_matches('.'));
    let mut statement = conn.prepare_cached(WITH_PREFIX)?;
    let rows = statement.query_map((prefix, end, default, limit), read)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Returns every setting.
pub(crate) fn all(conn: &Connection) -> Result<Vec<SettingRow>> {
    let mut statement = conn.prepare_cached(ALL_SETTINGS)?;
    Ok(statement.query_map([], read)?.collect::<rusqlite::Result<_>>()?)
}

fn read(row: &Row<'_>) -> rusqlite::Result<SettingRow> {
    Ok(SettingRow {
        name: row.get("name")?,
        value: row.get("value")?,
        changed_seq: row.get("changed_seq")?,
    })
}
