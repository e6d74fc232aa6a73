//! Small things that the window remembers.

use crate::error::Result;
use crate::store::Store;
use parlour_protocol::Count;
use rusqlite::OptionalExtension;
use serde::{Deserialize, Serialize};

parlour_sqlite::statements! {
    /// $1 name.
    GET = "SELECT value FROM settings WHERE name = $1";
    SET = concat!("INSERT INTO settings (", settings!(list), ") VALUES (", settings!(values), ")
        ON CONFLICT (name) DO UPDATE SET ", settings!(excluded));
}

/// How much history the mirror keeps by itself; what the user scrolls to comes anyway.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct HistoryLimit {
    /// How large it may become, in bytes.
    pub bytes: Count,
    /// How many messages of one conversation.
    pub messages: Count,
}

/// Unless it was set otherwise.
impl Default for HistoryLimit {
    fn default() -> Self {
        Self { bytes: Count(5 * 1024 * 1024 * 1024), messages: Count(NO_LIMIT) }
    }
}

/// More messages than a conversation can have.
const NO_LIMIT: i64 = 1 << 32;
/// The name of the setting.
const HISTORY_LIMIT: &str = "history_limit";

impl Store {
    /// How much history the mirror keeps by itself.
    pub fn history_limit(&self) -> Result<HistoryLimit> {
        let set = self.setting(HISTORY_LIMIT)?.and_then(|json| serde_json::from_str(&json).ok());
        Ok(set.unwrap_or_default())
    }

    /// Sets how much history the mirror keeps by itself.
    pub fn set_history_limit(&self, limit: HistoryLimit) -> Result<()> {
        self.set_setting(HISTORY_LIMIT, &serde_json::to_string(&limit)?)
    }

    /// Whether the mirror is as large as it may become by itself.
    pub fn is_full(&self) -> Result<bool> {
        let limit = self.history_limit()?.bytes.0;
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

    /// Remembers a value under a name, in the place of an earlier one.
    pub fn set_setting(&self, name: &str, value: &str) -> Result<()> {
        self.outbox.with(|conn| Ok(conn.prepare_cached(SET)?.execute([name, value]).map(drop)?))
    }
}
