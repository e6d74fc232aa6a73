//! Small things that the window remembers.

use crate::{Result, Store};
use rusqlite::OptionalExtension;

parlour_sqlite::statements! {
    /// $1 name.
    GET = "SELECT value FROM settings WHERE name = $1";
    /// $1 name, $2 value.
    SET = "INSERT INTO settings (name, value) VALUES ($1, $2)
        ON CONFLICT (name) DO UPDATE SET value = excluded.value";
}

impl Store {
    /// What was remembered under this name.
    pub fn setting(&self, name: &str) -> Result<Option<String>> {
        self.outbox.with(|conn| {
            Ok(conn.prepare_cached(GET)?.query_row([name], |row| row.get(0)).optional()?)
        })
    }

    /// Remembers it.
    pub fn set_setting(&self, name: &str, value: &str) -> Result<()> {
        self.outbox.with(|conn| Ok(conn.prepare_cached(SET)?.execute([name, value]).map(drop)?))
    }
}
