//! Keeping the index true and small: compared with the messages a stretch at a time, built anew if it is
//! wrong, and merged once much has been added.

use super::terms::{stretch as stretch_of, stretch_name};
use crate::messages::key;
use crate::{Mirror, Result, Stretch, conversations};
use std::collections::BTreeSet;

parlour_sqlite::statements! {
    /// $1 first key, $2 last key.
    ROWS = "SELECT key, sent_at FROM messages WHERE key BETWEEN $1 AND $2 AND body <> ''
        ORDER BY key";
    /// $1 query, $2 first key, $3 last key.
    INDEXED = "SELECT rowid AS key FROM messages_fts
        WHERE messages_fts MATCH $1 AND rowid BETWEEN $2 AND $3 ORDER BY rowid";
    /// $1 pages.
    MERGE = "INSERT INTO messages_fts (messages_fts, rank) VALUES ('merge', $1)";
    MERGED = "SELECT merged FROM mirror WHERE only_row = 1";
    /// $1 messages.
    SET_MERGED = "UPDATE mirror SET merged = $1 WHERE only_row = 1";
}

// These go over everything, when the index was found to be wrong.
const REBUILD: &str = "INSERT INTO messages_fts (messages_fts) VALUES ('delete-all');
    DELETE FROM search_stretches;
    INSERT INTO messages_fts (rowid, terms)
        SELECT key, search_terms(body, sender, sent_at, pinned_at, reactions)
        FROM messages ORDER BY key;
    INSERT INTO search_stretches (stretch) SELECT DISTINCT search_stretch(sent_at) FROM messages;
    INSERT INTO messages_fts (messages_fts) VALUES ('optimize')";

/// Pages of the index that one step of a merge writes: a few milliseconds.
const STEP: i64 = -256;
/// The index is merged once so many messages have come since, and a quarter of all.
const NEWS: i64 = 20_000;

impl Mirror {
    /// Whether the index has every message of a stretch and no other.
    pub fn is_indexed(&self, stretch: &Stretch) -> Result<bool> {
        self.read(|conn| {
            let Some(number) = conversations::find(conn, stretch.conversation)? else {
                return Ok(true);
            };
            let (low, high) = (key(number, stretch.low), key(number, stretch.high));
            let (mut keys, mut times) = (Vec::new(), BTreeSet::new());
            let mut statement = conn.prepare_cached(ROWS)?;
            let mut rows = statement.query((low, high))?;
            while let Some(row) = rows.next()? {
                keys.push(row.get::<_, i64>("key")?);
                times.insert(stretch_of(row.get("sent_at")?));
            }
            let mut found = Vec::new();
            for time in times {
                let query = format!("\"{}=\"", stretch_name(time));
                let mut statement = conn.prepare_cached(INDEXED)?;
                let rows = statement.query_map((query, low, high), |row| row.get("key"))?;
                found.extend(rows.collect::<rusqlite::Result<Vec<i64>>>()?);
            }
            found.sort_unstable();
            Ok(found == keys)
        })
    }

    /// Builds the index anew, in one transaction: whoever searches meanwhile is answered from the old one.
    pub fn rebuild_index(&self) -> Result<()> {
        self.write(|tx| Ok(tx.execute_batch(REBUILD)?))
    }

    /// Goes on merging the index, if much has been added since it was: less to look into for what is rare,
    /// and less room on the disk. Answers whether there is more to do.
    pub fn merge_index(&self) -> Result<bool> {
        let here = self.progress()?.here.0;
        let is_done = self.write(|tx| {
            let merged: i64 = tx.prepare_cached(MERGED)?.query_row([], |row| row.get("merged"))?;
            if here - merged < NEWS.max(merged / 4) {
                return Ok(None);
            }
            let before = tx.total_changes();
            tx.prepare_cached(MERGE)?.execute([STEP])?;
            // FTS5 says so (section 6.9 of its documentation): one change is the command itself.
            let is_done = tx.total_changes() - before < 2;
            if is_done {
                tx.prepare_cached(SET_MERGED)?.execute([here])?;
            }
            Ok(Some(is_done))
        })?;
        if is_done == Some(true) {
            self.cut_log()?;
        }
        Ok(is_done == Some(false))
    }
}
