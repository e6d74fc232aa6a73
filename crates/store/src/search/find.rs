//! Fetches candidates from the index, newest first, and checks which of them match.
//!
//! The index is queried for the newest time bucket first, then for ever more buckets at once,
//! until a page is full. Its results are sorted by conversation and position; a heap contains the
//! newest candidate of each conversation, and the one that was sent last is taken. (Within a
//! conversation, positions are assumed to be in the order of time; a server whose clock was set
//! back yields hits in the order of positions.)

use super::plan::Plan;
use crate::error::Result;
use crate::index::terms::{Indexed, bucket};
use crate::mirror::messages;
use crate::packed::Unpacked;
use parlour_protocol::{MessageFile, MessageId};
use rusqlite::{Connection, OptionalExtension};
use std::collections::BinaryHeap;
use uuid::Uuid;

parlour_sqlite::statements! {
    /// $1 query.
    KEYS = "SELECT rowid AS key FROM messages_fts WHERE messages_fts MATCH $1 ORDER BY rowid";
    /// $1 query, $2 first key, $3 last key.
    KEYS_IN = "SELECT rowid AS key FROM messages_fts
        WHERE messages_fts MATCH $1 AND rowid BETWEEN $2 AND $3 ORDER BY rowid";
    /// $1 first stretch, $2 last stretch.
    BUCKETS_IN = "SELECT stretch FROM search_stretches WHERE stretch BETWEEN $1 AND $2
        ORDER BY stretch DESC";
    /// $1 key.
    ROW = "SELECT id, sender, body, sent_at, pinned_at IS NOT NULL AS is_pinned,
            reactions IS NOT NULL AS has_reaction, files
        FROM messages WHERE key = $1";
}

/// Number of conversations up to which the index is queried for each one; for more, the results are
/// filtered.
const MAX_RANGES: usize = 4;
/// Maximum number of buckets in one query.
const MAX_BUCKETS: usize = 32;
/// Maximum number of candidates examined for one page, in case hardly any match.
const MAX_CANDIDATES: usize = 1000;

/// A message that matches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FoundMessage {
    pub sent_at: i64,
    pub key: i64,
    pub id: MessageId,
    pub sender: i64,
    pub body: String,
    files: Vec<MessageFile>,
    is_pinned: bool,
    has_reaction: bool,
}

impl FoundMessage {
    /// Returns the parts of the message that the index uses.
    pub fn indexed(&self) -> Indexed<'_> {
        Indexed {
            body: &self.body,
            files: &self.files,
            sender: self.sender,
            sent_at: self.sent_at,
            is_pinned: self.is_pinned,
            has_reaction: self.has_reaction,
        }
    }
}

/// The time at which a message was sent, and its key: the order of hits.
pub(crate) type HitPosition = (i64, i64);

/// Returns the newest hits before a position, at most `limit`; and the position up to which
/// candidates were examined, or `None` if there are no more.
pub(crate) fn newest(
    conn: &Connection,
    plan: &Plan,
    before: Option<HitPosition>,
    limit: usize,
) -> Result<(Vec<FoundMessage>, Option<HitPosition>)> {
    let mut scan = Scan {
        conn,
        plan,
        // Excludes messages sent at `plan.to` or later.
        before: before.unwrap_or((i64::MAX, i64::MAX)).min((plan.to, i64::MIN)),
        limit,
        examined: 0,
        hits: Vec::new(),
    };
    if plan.is_impossible() {
        return Ok((scan.hits, None));
    }
    if let Some(keys) = &plan.keys {
        let next = scan.examine(keys.clone(), true)?;
        return Ok((scan.hits, next));
    }
    let buckets = buckets(conn, bucket(plan.from), bucket(scan.before.0))?;
    let (mut searched, mut batch) = (0, 1);
    while searched < buckets.len() {
        let chunk = &buckets[searched..(searched + batch).min(buckets.len())];
        let keys = keys(conn, plan, chunk)?;
        if let Some(next) = scan.examine(keys, false)? {
            return Ok((scan.hits, Some(next)));
        }
        // Number of buckets at once: 1, 1, 2, 4 …
        batch = if searched == 0 { 1 } else { (batch * 2).min(MAX_BUCKETS) };
        searched += chunk.len();
    }
    Ok((scan.hits, None))
}

/// Returns how many messages match according to the index; `None` if the index alone cannot tell.
pub(crate) fn count(conn: &Connection, plan: &Plan) -> Result<Option<usize>> {
    if !plan.is_exact() {
        return Ok(None);
    }
    if plan.is_impossible() {
        return Ok(Some(0));
    }
    let mut count = 0;
    for chunk in buckets(conn, 0, i64::MAX)?.chunks(MAX_BUCKETS) {
        count += keys(conn, plan, chunk)?.len();
    }
    Ok(Some(count))
}

fn buckets(conn: &Connection, first: i64, last: i64) -> Result<Vec<i64>> {
    let mut statement = conn.prepare_cached(BUCKETS_IN)?;
    let rows = statement.query_map((first, last), |row| row.get("stretch"))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Returns the keys that the index finds in some buckets, sorted.
fn keys(conn: &Connection, plan: &Plan, buckets: &[i64]) -> Result<Vec<i64>> {
    let query = plan.expression(buckets);
    let mut keys = Vec::new();
    match plan.ranges.as_deref() {
        Some(ranges) if ranges.len() <= MAX_RANGES => {
            let mut statement = conn.prepare_cached(KEYS_IN)?;
            for (first, last) in ranges {
                let mut rows = statement.query((&query, first, last))?;
                while let Some(row) = rows.next()? {
                    keys.push(row.get(0)?);
                }
            }
        }
        _ => {
            let mut statement = conn.prepare_cached(KEYS)?;
            let mut rows = statement.query([&query])?;
            while let Some(row) = rows.next()? {
                keys.push(row.get(0)?);
            }
        }
    }
    keys.retain(|key| plan.is_in_range(*key));
    Ok(keys)
}

/// A scan of candidates until a page is full.
struct Scan<'a> {
    conn: &'a Connection,
    plan: &'a Plan,
    before: HitPosition,
    limit: usize,
    examined: usize,
    hits: Vec<FoundMessage>,
}

/// The newest candidate of a conversation that was not examined yet.
struct Head<'k> {
    found: FoundMessage,
    /// The keys of the older candidates.
    rest: &'k [i64],
}

impl Head<'_> {
    fn position(&self) -> HitPosition {
        (self.found.sent_at, self.found.key)
    }
}

impl PartialEq for Head<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.position() == other.position()
    }
}
impl Eq for Head<'_> {}
impl PartialOrd for Head<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Head<'_> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.position().cmp(&other.position())
    }
}

impl Scan<'_> {
    /// Examines candidates, newest first; with `is_unindexed`, they do not come from the index. Returns
    /// the position where it stopped if the page is full, or if it examined too many.
    fn examine(&mut self, keys: Vec<i64>, is_unindexed: bool) -> Result<Option<HitPosition>> {
        let mut heads = BinaryHeap::new();
        for keys in keys.chunk_by(|a, b| a >> 32 == b >> 32) {
            heads.extend(self.head(self.before_start(keys)?)?);
        }
        while let Some(Head { found, rest }) = heads.pop() {
            let position = (found.sent_at, found.key);
            // Older candidates of this conversation are too old as well.
            if found.sent_at < self.plan.from {
                continue;
            }
            heads.extend(self.head(rest)?);
            self.examined += 1;
            let indexed = found.indexed();
            let matches = if is_unindexed {
                self.plan.matches_completely(&indexed)
            } else {
                self.plan.matches(&indexed)
            };
            if matches && (!is_unindexed || self.plan.is_in_range(found.key)) {
                self.hits.push(found);
            }
            if self.hits.len() >= self.limit || self.examined >= MAX_CANDIDATES {
                return Ok(Some(position));
            }
        }
        Ok(None)
    }

    /// Returns the part of a conversation's candidates that were sent before the start position.
    fn before_start<'k>(&self, keys: &'k [i64]) -> Result<&'k [i64]> {
        let is_before = |key: i64| -> Result<bool> {
            Ok(self.row(key)?.is_none_or(|found| (found.sent_at, key) < self.before))
        };
        let Some(last) = keys.last() else { return Ok(keys) };
        if is_before(*last)? {
            return Ok(keys);
        }
        let (mut low, mut high) = (0, keys.len());
        while low < high {
            let middle = usize::midpoint(low, high);
            if is_before(keys[middle])? { low = middle + 1 } else { high = middle }
        }
        Ok(&keys[..low])
    }

    fn head<'k>(&self, mut keys: &'k [i64]) -> Result<Option<Head<'k>>> {
        while let Some((last, rest)) = keys.split_last() {
            if let Some(found) = self.row(*last)? {
                return Ok(Some(Head { found, rest }));
            }
            keys = rest;
        }
        Ok(None)
    }

    fn row(&self, key: i64) -> Result<Option<FoundMessage>> {
        let found = self.conn.prepare_cached(ROW)?.query_row([key], |row| {
            Ok(FoundMessage {
                key,
                id: MessageId(row.get::<_, Uuid>("id")?),
                sender: row.get("sender")?,
                body: row.get::<_, Unpacked>("body")?.0,
                sent_at: row.get("sent_at")?,
                is_pinned: row.get("is_pinned")?,
                has_reaction: row.get("has_reaction")?,
                files: messages::files(row)?,
            })
        });
        Ok(found.optional()?)
    }
}
