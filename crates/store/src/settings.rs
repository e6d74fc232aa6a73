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

/// The name of the setting that says how large the mirror may become by itself, in bytes.
const HISTORY_LIMIT: &str = "history_limit";
/// Unless it says otherwise.
const HISTORY_BYTES: i64 = 5 * 1024 * 1024 * 1024;

impl Store {
    /// How large the mirror may become by itself, in bytes; what the user scrolls to comes anyway.
    pub fn history_limit(&self) -> Result<i64> {
        let set = self.setting(HISTORY_LIMIT)?.and_then(|bytes| bytes.parse().ok());
        Ok(set.unwrap_or(HISTORY_BYTES))
    }

    /// Sets it.
    pub fn set_history_limit(&self, bytes: i64) -> Result<()> {
        self.set_setting(HISTORY_LIMIT, &bytes.to_string())
    }

    /// Whether the mirror is as large as it may become by itself.
    pub fn is_full(&self) -> Result<bool> {
        let limit = self.history_limit()?;
        let bytes: i64 = self.mirror.read(|conn| {
            let sql = "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size";
            Ok(conn.prepare_cached(sql)?.query_row([], |row| row.get(0))?)
        })?;
        Ok(bytes >= limit)
    }

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
