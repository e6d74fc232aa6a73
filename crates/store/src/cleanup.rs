//! Deletes data that is no longer needed.

use crate::error::Result;
use crate::store::Store;
use parlour_protocol::Millis;
use parlour_protocol::periods::SENT_OPS_RETENTION_MS;

parlour_sqlite::statements! {
    OLDEST_SENT = "SELECT min(created_at) FROM ops WHERE state = 'sent'";
    /// $1 the time before which rows are deleted.
    DELETE_OLD_SENT = "DELETE FROM ops WHERE state = 'sent' AND created_at < $1";
}

// Reads one row per conversation of the mirror, and the ops sent in the last 30 days: when the app
// starts, and when this user was removed from a conversation and ordered to delete it.
const PURGED: &str = "SELECT id FROM conversations WHERE purged = 1";
const DELETE_SENT_IN: &str = "DELETE FROM ops WHERE state = 'sent' AND conversation_id = $1";
const DELETE_DRAFT_IN: &str = "DELETE FROM drafts WHERE conversation_id = $1";

/// The longest time span of sent ops that is deleted at once: if the clock is far ahead for a day, only the ops of
/// two days are lost.
const MAX_SPAN_MS: i64 = 2 * 24 * 3600 * 1000;

impl Store {
    /// Maintains the outbox, once a day: deletes ops that were sent too long ago, and copies the outbox.
    pub fn maintain_outbox(&self, now: Millis) -> Result<()> {
        self.delete_old_sent(now)?;
        self.delete_unused_files()?;
        self.outbox.copy(&self.path)
    }

    /// Deletes the sent ops and the drafts of conversations that this user must delete. Ops that
    /// never reached the server belong to their author, and stay until the author discards them.
    pub fn delete_purged(&self) -> Result<()> {
        let purged: Vec<uuid::Uuid> = self.mirror.read(|conn| {
            let mut statement = conn.prepare(PURGED)?;
            let ids = statement.query_map([], |row| row.get("id"))?;
            Ok(ids.collect::<rusqlite::Result<_>>()?)
        })?;
        if purged.is_empty() {
            return Ok(());
        }
        self.outbox.with_conn(|conn| {
            let tx = conn.unchecked_transaction()?;
            for id in &purged {
                tx.execute(DELETE_SENT_IN, [id])?;
                tx.execute(DELETE_DRAFT_IN, [id])?;
            }
            Ok(tx.commit()?)
        })
    }

    /// Deletes ops that were sent too long ago to be sent again.
    pub fn delete_old_sent(&self, now: Millis) -> Result<()> {
        self.outbox.with_conn(|conn| {
            let oldest: Option<i64> =
                conn.prepare_cached(OLDEST_SENT)?.query_row([], |row| row.get(0))?;
            let max_before = oldest.map_or(i64::MAX, |oldest| oldest.saturating_add(MAX_SPAN_MS));
            let before = (now.0 - SENT_OPS_RETENTION_MS).min(max_before);
            Ok(conn.execute(DELETE_OLD_SENT, [before]).map(drop)?)
        })
    }
}
