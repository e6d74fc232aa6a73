//! Conversations, and how far they are here and read.

use crate::{Mirror, Result, members, messages};
use parlour_protocol::{ConversationId, ConversationRow, Count, MembershipRow};
use rusqlite::{Connection, OptionalExtension};
use serde::Serialize;

parlour_sqlite::statements! {
    /// $1 id.
    NUMBER = "SELECT number FROM conversations WHERE id = $1";
    /// $1 id.
    INSERT = "INSERT INTO conversations (id) VALUES ($1)";
    /// $1 type, $2 title, $3 topic, $4 history, $5 archived, $6 created, $7 changed_seq, $8 removal,
    /// $9 number.
    APPLY = "UPDATE conversations SET type = $1, title = $2, topic = $3, history = $4,
            archived_at = $5, created_at = $6, changed_seq = $7, active_at = max(active_at, $6),
            removal = $8
        WHERE number = $9 AND changed_seq < $7";
    /// $1 left, $2 last_read, $3 visible_from, $4 muted, $5 pinned, $6 hidden, $7 marked_unread,
    /// $8 changed_seq, $9 purged, $10 number.
    APPLY_MEMBERSHIP = "UPDATE conversations SET left_at = $1, last_read_seq = $2,
            visible_from = $3, muted_until = $4, pinned_at = $5, hidden_at = $6,
            marked_unread = $7, membership_changed_seq = $8, purged = $9
        WHERE number = $10 AND membership_changed_seq < $8";
    /// $1 number.
    IS_PURGED = "SELECT purged FROM conversations WHERE number = $1";
    /// $1 number. What is told of it later is news.
    PURGE = "UPDATE conversations SET title = '', topic = '', last_seq = 0, floor_seq = 0,
            known_seq = 0, changed_seq = 0
        WHERE number = $1";
    /// $1 number.
    VISIBLE_FROM = "SELECT visible_from FROM conversations WHERE number = $1";
    /// $1 seq, $2 sent_at, $3 number.
    ARRIVED = "UPDATE conversations SET last_seq = max(last_seq, $1), active_at = max(active_at, $2)
        WHERE number = $3";
    /// $1 floor, $2 number.
    SET_FLOOR = "UPDATE conversations SET floor_seq = $1 WHERE number = $2";
    /// $1 number.
    FLOOR = "SELECT floor_seq FROM conversations WHERE number = $1";
    /// $1 last_seq, $2 floor, $3 number.
    RESTART = "UPDATE conversations SET last_seq = $1, known_seq = max(known_seq, $1),
            floor_seq = $2,
            changed_seq = 0
        WHERE number = $3";
}

// Reads a row a conversation, for the sync line; not a message. Of what one left nothing is to come,
// and of what one may not see nothing counts.
const PROGRESS: &str = "SELECT coalesce(sum(here), 0) AS here,
        coalesce(sum(CASE WHEN left_at IS NULL THEN max(here, visible) ELSE here END), 0) AS total
    FROM (SELECT left_at, max(last_seq, known_seq) - visible_from + 1 AS visible,
            CASE WHEN floor_seq = 0 THEN 0
                ELSE max(last_seq - max(floor_seq, visible_from) + 1, 0) END AS here
        FROM conversations)";

/// How much of the history is here.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct Progress {
    /// Messages in all.
    pub total: Count,
    /// Messages here.
    pub here: Count,
}

/// A conversation's number, if it is known.
pub(crate) fn find(conn: &Connection, id: ConversationId) -> Result<Option<i64>> {
    Ok(conn.prepare_cached(NUMBER)?.query_row([id.0], |row| row.get(0)).optional()?)
}

/// A conversation's number, given to it if it has none yet.
pub(crate) fn number(conn: &Connection, id: ConversationId) -> Result<i64> {
    if let Some(number) = find(conn, id)? {
        return Ok(number);
    }
    conn.prepare_cached(INSERT)?.execute([id.0])?;
    Ok(conn.last_insert_rowid())
}

/// Writes the conversation's own row, if it is newer than the one held.
pub(crate) fn apply(conn: &Connection, row: &ConversationRow) -> Result<()> {
    let number = number(conn, row.id)?;
    conn.prepare_cached(APPLY)?.execute((
        row.kind.as_str(),
        &row.title,
        &row.topic,
        row.history.as_str(),
        row.archived_at.map(|at| at.0),
        row.created_at.0,
        row.changed_seq,
        row.removal.as_str(),
        number,
    ))?;
    Ok(())
}

/// Writes one's own place in a conversation, if it is newer than the one held.
pub(crate) fn apply_membership(conn: &Connection, row: &MembershipRow) -> Result<()> {
    let number = number(conn, row.conversation_id)?;
    let visible_from = messages::in_range(row.visible_from);
    let params = (
        row.left_at.map(|at| at.0),
        messages::in_range(row.last_read_seq.0),
        visible_from,
        row.muted_until.map(|at| at.0),
        row.pinned_at.map(|at| at.0),
        row.hidden_at.map(|at| at.0),
        row.marked_unread,
        row.changed_seq,
        row.purged,
        number,
    );
    let is_news = conn.prepare_cached(APPLY_MEMBERSHIP)?.execute(params)? > 0;
    if is_news && row.purged {
        purge(conn, number)?;
    } else if is_news && visible_from > 1 {
        messages::clear_below(conn, number, visible_from)?;
    }
    Ok(())
}

/// Whether one was told to delete what is here of a conversation.
pub(crate) fn is_purged(conn: &Connection, number: i64) -> Result<bool> {
    Ok(conn.prepare_cached(IS_PURGED)?.query_row([number], |row| row.get(0))?)
}

/// Deletes what is here of a conversation, and with it what finds it.
pub(crate) fn purge(conn: &Connection, number: i64) -> Result<()> {
    messages::clear(conn, number, i64::MAX)?;
    members::clear(conn, number)?;
    conn.prepare_cached(PURGE)?.execute([number])?;
    Ok(())
}

/// Notes that messages up to `seq` are here.
pub(crate) fn arrived(conn: &Connection, number: i64, seq: i64, sent_at: i64) -> Result<()> {
    conn.prepare_cached(ARRIVED)?.execute((seq, sent_at, number))?;
    Ok(())
}

/// The first message that one may see.
pub(crate) fn visible_from(conn: &Connection, number: i64) -> Result<i64> {
    Ok(conn.prepare_cached(VISIBLE_FROM)?.query_row([number], |row| row.get(0))?)
}

pub(crate) fn floor(conn: &Connection, number: i64) -> Result<i64> {
    Ok(conn.prepare_cached(FLOOR)?.query_row([number], |row| row.get(0))?)
}

pub(crate) fn set_floor(conn: &Connection, number: i64, floor: i64) -> Result<()> {
    conn.prepare_cached(SET_FLOOR)?.execute((messages::in_range(floor), number))?;
    Ok(())
}

/// Begins a conversation anew, with nothing of it here.
pub(crate) fn restart(conn: &Connection, number: i64, last_seq: i64, floor: i64) -> Result<()> {
    let (last_seq, floor) = (messages::in_range(last_seq), messages::in_range(floor));
    conn.prepare_cached(RESTART)?.execute((last_seq, floor, number))?;
    Ok(())
}

impl Mirror {
    /// How much of the history is here.
    pub fn progress(&self) -> Result<Progress> {
        self.read(|conn| {
            Ok(conn.prepare_cached(PROGRESS)?.query_row([], |row| {
                Ok(Progress { total: Count(row.get("total")?), here: Count(row.get("here")?) })
            })?)
        })
    }
}
