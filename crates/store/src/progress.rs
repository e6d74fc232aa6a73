//! The part of the history that is present.

use crate::error::Result;
use crate::mirror::Mirror;
use parlour_protocol::Count;
use serde::Serialize;

// Reads one row per conversation and no messages, for the sync line. Conversations that this user
// left receive nothing more, and messages that this user may not see do not count.
const PROGRESS: &str = "SELECT coalesce(sum(here), 0) AS here,
        coalesce(sum(CASE WHEN left_at IS NULL THEN max(here, visible) ELSE here END), 0) AS total
    FROM (SELECT left_at, max(last_seq, known_seq) - visible_from + 1 AS visible,
            CASE WHEN floor_seq = 0 THEN 0
                ELSE max(last_seq - max(floor_seq, visible_from) + 1, 0) END AS here
        FROM conversations)";

/// The part of the history that is present.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct Progress {
    /// Number of messages in all.
    pub total: Count,
    /// Number of messages that are present.
    pub here: Count,
}

impl Mirror {
    /// Returns how much of the history is present.
    pub fn progress(&self) -> Result<Progress> {
        self.read(|conn| {
            Ok(conn.prepare_cached(PROGRESS)?.query_row([], |row| {
                Ok(Progress { total: Count(row.get("total")?), here: Count(row.get("here")?) })
            })?)
        })
    }
}
