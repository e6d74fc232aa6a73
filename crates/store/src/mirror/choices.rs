//! Choices that are the same on all of a user's devices: the mirror's table `settings`.

use crate::error::Result;
use parlour_protocol::SettingRow;
use rusqlite::{Connection, OptionalExtension, Row};

parlour_sqlite::statements! {
    APPLY = concat!("INSERT INTO settings (", choices!(list), ") VALUES (", choices!(values), ")
        ON CONFLICT (name) DO UPDATE SET ", choices!(excluded), "
        WHERE excluded.changed_seq > settings.changed_seq");
    /// $1 name.
    FIND = concat!("SELECT ", choices!(list), " FROM settings WHERE name = $1");
}

// A few rows, once a day.
const ALL_CHOICES: &str = concat!("SELECT ", choices!(list), " FROM settings");

/// Writes a choice, if it is newer than the stored one.
pub(crate) fn apply(conn: &Connection, row: &SettingRow) -> Result<()> {
    conn.prepare_cached(APPLY)?.execute((&row.name, &row.value, row.changed_seq))?;
    Ok(())
}

/// Returns the choice named `name`.
pub(crate) fn find(conn: &Connection, name: &str) -> Result<Option<SettingRow>> {
    Ok(conn.prepare_cached(FIND)?.query_row([name], read).optional()?)
}

/// Returns every choice.
pub(crate) fn all(conn: &Connection) -> Result<Vec<SettingRow>> {
    let mut statement = conn.prepare_cached(ALL_CHOICES)?;
    Ok(statement.query_map([], read)?.collect::<rusqlite::Result<_>>()?)
}

fn read(row: &Row<'_>) -> rusqlite::Result<SettingRow> {
    Ok(SettingRow {
        name: row.get("name")?,
        value: row.get("value")?,
        changed_seq: row.get("changed_seq")?,
    })
}
