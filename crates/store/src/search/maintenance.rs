//! Maintains the index: compares it with the messages a range at a time, rebuilds it if it is wrong,
//! and merges it once many messages were added.

use crate::compare::messages::MessageRange;
use crate::error::Result;
use crate::index::terms::{bucket as bucket_of, bucket_name};
use crate::mirror::messages::key;
use crate::mirror::{Mirror, conversations};
use rusqlite::{OptionalExtension, ffi};
use std::collections::BTreeSet;

parlour_sqlite::statements! {
    /// $1 first key, $2 last key.
    ROWS = "SELECT key, sent_at FROM messages WHERE key BETWEEN $1 AND $2
            AND (body <> '' OR files IS NOT NULL) ORDER BY key";
    /// $1 query, $2 first key, $3 last key.
    INDEXED = "SELECT rowid AS key FROM messages_fts
        WHERE messages_fts MATCH $1 AND rowid BETWEEN $2 AND $3 ORDER BY rowid";
    /// $1 key before the first, $2 number of messages to skip.
    BOUND = "SELECT key FROM messages WHERE key > $1 ORDER BY key LIMIT 1 OFFSET $2";
    /// $1 key before the first, $2 last key.
    FILL = "INSERT INTO messages_fts (rowid, terms)
        SELECT key, search_terms(body, sender, sent_at, pinned_at, reactions, files)
        FROM messages WHERE key > $1 AND key <= $2 ORDER BY key";
    /// $1 key before the first, $2 last key.
    FILL_BUCKETS = "INSERT OR IGNORE INTO search_stretches (stretch)
        SELECT search_stretch(sent_at) FROM messages WHERE key > $1 AND key <= $2";
    /// $1 number of pages.
    MERGE = "INSERT INTO messages_fts (messages_fts, rank) VALUES ('merge', $1)";
    MERGED = "SELECT merged FROM mirror WHERE only_row = 1";
    /// $1 number of messages.
    SET_MERGED = "UPDATE mirror SET merged = $1 WHERE only_row = 1";
}

const EMPTY: &str = "INSERT INTO messages_fts (messages_fts) VALUES ('delete-all');
    DELETE FROM search_stretches";
/// Number of messages that a rebuild indexes between two checks whether to continue: some tens of
/// milliseconds.
const BATCH: i64 = 5_000;

/// Number of index pages that one step of a merge writes: a few milliseconds.
const MERGE_PAGES: i64 = -256;
/// Number of new messages after which the index is merged, if they are also a quarter of those
/// merged before.
const MERGE_AFTER: i64 = 20_000;

impl Mirror {
    /// Returns whether the index contains every message of a range and no other.
    pub fn is_indexed(&self, range: &MessageRange) -> Result<bool> {
        self.read(|conn| {
            let Some(number) = conversations::find(conn, range.conversation)? else {
                return Ok(true);
            };
            let (low, high) = (key(number, range.low), key(number, range.high));
            let (mut keys, mut buckets) = (Vec::new(), BTreeSet::new());
            let mut statement = conn.prepare_cached(ROWS)?;
            let mut rows = statement.query((low, high))?;
            while let Some(row) = rows.next()? {
                keys.push(row.get::<_, i64>("key")?);
                buckets.insert(bucket_of(row.get("sent_at")?));
            }
            let mut found = Vec::new();
            for bucket in buckets {
                let query = format!("\"{}=\"", bucket_name(bucket));
                let mut statement = conn.prepare_cached(INDEXED)?;
                let rows = statement.query_map((query, low, high), |row| row.get("key"))?;
                found.extend(rows.collect::<rusqlite::Result<Vec<i64>>>()?);
            }
            found.sort_unstable();
            Ok(found == keys)
        })
    }

    /// Returns whether the index was built by an earlier version, which derived other terms from
    /// the same text.
    pub fn is_index_outdated(&self) -> Result<bool> {
        let merged: i64 = self.read(|conn| {
            Ok(conn.prepare_cached(MERGED)?.query_row([], |row| row.get("merged"))?)
        })?;
        Ok(merged < 0)
    }

    /// Rebuilds the index in one transaction; searches use the old one until then.
    ///
    /// # Errors
    /// Fails if the file cannot be written, or if `should_continue` returns false; the old
    /// index stays.
    pub fn rebuild_index(&self, should_continue: impl Fn() -> bool) -> Result<()> {
        self.write(|tx| {
            tx.execute_batch(EMPTY)?;
            let mut from = i64::MIN;
            while from < i64::MAX {
                if !should_continue() {
                    return Err(interrupted().into());
                }
                let bound =
                    tx.prepare_cached(BOUND)?.query_row((from, BATCH), |row| row.get("key"));
                let to: i64 = bound.optional()?.unwrap_or(i64::MAX);
                tx.prepare_cached(FILL)?.execute((from, to))?;
                tx.prepare_cached(FILL_BUCKETS)?.execute((from, to))?;
                from = to;
            }
            tx.prepare_cached(SET_MERGED)?.execute([0])?;
            Ok(())
        })
    }

    /// Does one step of merging the index, if many messages were added since the last merge: rare
    /// words are then found with fewer reads, and the index takes less space. Returns whether there
    /// is more to do.
    pub fn merge_index(&self) -> Result<bool> {
        let present = self.progress()?.here.0;
        let is_done = self.write(|tx| {
            let merged: i64 = tx.prepare_cached(MERGED)?.query_row([], |row| row.get("merged"))?;
            if merged < 0 || present - merged < MERGE_AFTER.max(merged / 4) {
                return Ok(None);
            }
            let before = tx.total_changes();
            tx.prepare_cached(MERGE)?.execute([MERGE_PAGES])?;
            // The documentation of FTS5 (section 6.9) defines this test: one change is the command
            // itself.
            let is_done = tx.total_changes() - before < 2;
            if is_done {
                tx.prepare_cached(SET_MERGED)?.execute([present])?;
            }
            Ok(Some(is_done))
        })?;
        if is_done == Some(true) {
            self.truncate_log()?;
        }
        Ok(is_done == Some(false))
    }
}

fn interrupted() -> rusqlite::Error {
    rusqlite::Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_INTERRUPT), None)
}
