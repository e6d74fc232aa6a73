//! Deletes data that is no longer needed.

use crate::error::Result;
use crate::store::Store;
use parlour_protocol::Millis;
use parlour_protocol::periods::SENT_OPS_KEPT_MS;

parlour_sqlite::statements! {
    OLDEST_SENT = "SELECT min(created_at) FROM ops WHERE state = 'sent'";
    /// $1 the time before which rows are deleted.
    FORGET_SENT = "DELETE FROM ops WHERE state = 'sent' AND created_at < $1";
}

// Reads one row per conversation of the mirror, and the ops sent in the last 30 days: when the app
// starts, and when this user was removed from a conversation with the instruction to keep nothing.
const PURGED: &str = "SELECT id FROM conversations WHERE purged = 1";
const FORGET_SENT_IN: &str = "DELETE FROM ops WHERE state = 'sent' AND conversation_id = $1";
const FORGET_DRAFT_IN: &str = "DELETE FROM drafts WHERE conversation_id = $1";

/// The longest span of sent ops that is deleted at once, however late it is: a clock that runs far
/// ahead for a day loses two days' worth.
const AT_ONCE_MS: i64 = 2 * 24 * 3600 * 1000;

impl Store {
    /// Does the daily work: deletes ops that were sent too long ago, and copies the outbox.
    pub fn tidy(&self, now: Millis) -> Result<()> {
        self.forget_sent(now)?;
        self.forget_unused_files()?;
        self.outbox.copy(&self.path)
    }

    /// Deletes the sent ops and the drafts of conversations of which this user must keep nothing. Ops that
    /// never reached the server belong to their author, and stay until the author discards them.
    pub fn forget_purged(&self) -> Result<()> {
        let purged: Vec<uuid::Uuid> = self.mirror.read(|conn| {
            let mut statement = conn.prepare(PURGED)?;
            let ids = statement.query_map([], |row| row.get("id"))?;
            Ok(ids.collect::<rusqlite::Result<_>>()?)
        })?;
        if purged.is_empty() {
            return Ok(());
        }
        self.outbox.with(|conn| {
            let tx = conn.unchecked_transaction()?;
            for id in &purged {
                tx.execute(FORGET_SENT_IN, [id])?;
                tx.execute(FORGET_DRAFT_IN, [id])?;
            }
            Ok(tx.commit()?)
        })
    }

    /// Deletes ops that were sent too long ago to be sent again.
    pub fn forget_sent(&self, now: Millis) -> Result<()> {
        self.outbox.with(|conn| {
            let oldest: Option<i64> =
                conn.prepare_cached(OLDEST_SENT)?.query_row([], |row| row.get(0))?;
            let at_once = oldest.map_or(i64::MAX, |oldest| oldest.saturating_add(AT_ONCE_MS));
            let before = (now.0 - SENT_OPS_KEPT_MS).min(at_once);
            Ok(conn.execute(FORGET_SENT, [before]).map(drop)?)
        })
    }
}
