//! Reads the table `activity`, newest first.

use super::kind::ActivityKind;
use crate::error::Result;
use crate::mirror::conversations;
use crate::mirror::messages::{key, seq_of};
use crate::store::Store;
use parlour_protocol::{ConversationId, Count, MessageId, Millis, Seq};
use rusqlite::{Connection, Row};
use serde::{Deserialize, Serialize};

parlour_sqlite::statements! {
    /// $1 at, $2 key, $3 limit.
    PAGE = "SELECT activity.key, activity.kind, activity.at, activity.changed_seq,
            messages.id, conversations.id AS conversation_id
        FROM activity
        CROSS JOIN messages ON messages.key = activity.key
        CROSS JOIN conversations ON conversations.number = activity.key >> 32
        WHERE activity.kind <> 'open' AND (activity.at, activity.key) < ($1, $2)
        ORDER BY activity.at DESC, activity.key DESC LIMIT $3";
    /// $1 kind, $2 at, $3 key, $4 limit.
    PAGE_OF = "SELECT activity.key, activity.kind, activity.at, activity.changed_seq,
            messages.id, conversations.id AS conversation_id
        FROM activity
        CROSS JOIN messages ON messages.key = activity.key
        CROSS JOIN conversations ON conversations.number = activity.key >> 32
        WHERE activity.kind = $1 AND (activity.at, activity.key) < ($2, $3)
        ORDER BY activity.at DESC, activity.key DESC LIMIT $4";
    /// $1 limit. The newest rows, and whether each may be new.
    MAYBE_NEW = "SELECT activity.key, activity.kind, activity.at, activity.changed_seq,
            messages.id, conversations.id AS conversation_id,
            activity.changed_seq > 0 OR activity.key & 4294967295 > conversations.last_read_seq AS is_maybe_new
        FROM activity
        CROSS JOIN messages ON messages.key = activity.key
        CROSS JOIN conversations ON conversations.number = activity.key >> 32
        WHERE activity.kind <> 'open'
        ORDER BY activity.at DESC, activity.key DESC LIMIT $1";
    /// $1 number.
    REACTED = "SELECT reacted_seq FROM conversations WHERE number = $1";
    /// $1 after key, $2 last key, $3 most. The plus keeps SQLite from the index by kind.
    MENTIONS = "SELECT DISTINCT key FROM activity
        WHERE key > $1 AND key <= $2 AND +kind IN ('mention', 'reply') AND is_all = 0 LIMIT $3";
}

/// Maximum number of mentions that are counted in a conversation.
const MAX_COUNTED: i64 = 1000;

/// A position in Activity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct ActivityPosition {
    /// The time of the entry.
    pub at: Millis,
    /// The conversation of its message.
    pub conversation_id: ConversationId,
    /// The position of its message.
    pub seq: Seq,
}

/// A message that may concern the user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActivityCandidate {
    /// Its position.
    pub position: ActivityPosition,
    /// Why it may concern the user.
    pub kind: ActivityKind,
    /// The message.
    pub message: MessageId,
    /// The change that brought the newest reaction; 0 if it came with the history, or if it is none.
    pub changed_seq: i64,
}

impl Store {
    /// Returns messages that may concern the user, of one kind or of all, before a position: at most `limit`, the newest
    /// first. A message that does so for several reasons may be returned several times.
    pub fn activity(
        &self,
        kind: Option<ActivityKind>,
        before: Option<ActivityPosition>,
        limit: i64,
    ) -> Result<Vec<ActivityCandidate>> {
        self.mirror.read(|conn| {
            let (at, key) = stored_position(conn, before)?;
            let rows: Vec<_> = match kind {
                None => {
                    let mut statement = conn.prepare_cached(PAGE)?;
                    let rows = statement.query_map((at, key, limit), read)?;
                    rows.collect::<rusqlite::Result<_>>()?
                }
                Some(kind) => {
                    let mut statement = conn.prepare_cached(PAGE_OF)?;
                    let rows = statement.query_map((kind.as_str(), at, key, limit), read)?;
                    rows.collect::<rusqlite::Result<_>>()?
                }
            };
            Ok(rows)
        })
    }

    /// Returns those of the newest `limit` rows that may be new to the user: unread messages, and reactions that
    /// arrived live instead of with the history.
    pub fn activity_maybe_new(&self, limit: i64) -> Result<Vec<ActivityCandidate>> {
        self.mirror.read(|conn| {
            let mut statement = conn.prepare_cached(MAYBE_NEW)?;
            let mut rows = statement.query([limit])?;
            let mut found = Vec::new();
            while let Some(row) = rows.next()? {
                if row.get("is_maybe_new")? {
                    found.push(read(row)?);
                }
            }
            Ok(found)
        })
    }

    /// Returns the newest change of a conversation that brought a reaction to a message of the user; 0 for none.
    pub fn reacted_seq(&self, id: ConversationId) -> Result<i64> {
        self.mirror.read(|conn| {
            let Some(number) = conversations::find(conn, id)? else { return Ok(0) };
            Ok(conn.prepare_cached(REACTED)?.query_row([number], |row| row.get(0))?)
        })
    }
}

/// Returns the number of messages between two positions of a conversation that mention the user by name or reply to
/// the user, at most 1,000.
pub(crate) fn count_mentions(
    conn: &Connection,
    number: i64,
    after: i64,
    last: i64,
) -> Result<Count> {
    let params = (key(number, after), key(number, last), MAX_COUNTED);
    let mut statement = conn.prepare_cached(MENTIONS)?;
    let (mut rows, mut counted) = (statement.query(params)?, 0);
    while rows.next()?.is_some() {
        counted += 1;
    }
    Ok(Count(counted))
}

/// Returns the stored form of a position: after all rows if it is `None`, before all rows of its time if its
/// conversation is not known.
fn stored_position(conn: &Connection, before: Option<ActivityPosition>) -> Result<(i64, i64)> {
    let Some(before) = before else { return Ok((i64::MAX, i64::MAX)) };
    let number = conversations::find(conn, before.conversation_id)?;
    Ok((before.at.0, number.map_or(i64::MIN, |number| key(number, before.seq.0))))
}

fn read(row: &Row<'_>) -> rusqlite::Result<ActivityCandidate> {
    let (key, kind): (i64, String) = (row.get("key")?, row.get("kind")?);
    let conversation_id = ConversationId(row.get("conversation_id")?);
    let position =
        ActivityPosition { at: Millis(row.get("at")?), conversation_id, seq: Seq(seq_of(key)) };
    Ok(ActivityCandidate {
        position,
        kind: ActivityKind::parse(&kind),
        message: MessageId(row.get("id")?),
        changed_seq: row.get("changed_seq")?,
    })
}
