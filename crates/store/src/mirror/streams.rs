//! The progress of each stream: the tables `streams` and `mirror`. A cursor moves only in the
//! transaction that writes the rows it covers.

use super::{conversations, messages};
use crate::changes::Changes;
use crate::error::Result;
use parlour_protocol::{Heads, StreamId};
use rusqlite::{Connection, OptionalExtension, Row};

parlour_sqlite::statements! {
    /// $1 stream.
    FIND = concat!("SELECT ", streams!(list), " FROM streams WHERE stream = $1");
    SET_CURSOR = concat!("INSERT INTO streams (", streams!(list), ") VALUES (", streams!(values), ")
        ON CONFLICT (stream) DO UPDATE SET term = excluded.term, cursor = excluded.cursor,
            head = max(streams.head, excluded.head)");
    /// $1 stream, $2 term, $3 head.
    SET_HEAD = "INSERT INTO streams (stream, term, head) VALUES ($1, $2, $3)
        ON CONFLICT (stream) DO UPDATE SET term = excluded.term,
            head = max(streams.head, excluded.head)";
    /// $1 seq, $2 sent_at, $3 conversation's id.
    SET_NEWEST = "UPDATE conversations SET known_seq = max(known_seq, $1),
            active_at = max(active_at, $2)
        WHERE id = $3";
    /// $1 stream.
    RESET = "UPDATE streams SET cursor = NULL, head = 0 WHERE stream = $1";
    /// $1 stream.
    DROP = "DELETE FROM streams WHERE stream = $1";
    /// $1 wm, $2 proof.
    SET_WATERMARK = "UPDATE mirror SET wm = $1, proof = $2 WHERE only_row = 1";
    MARK_COMPLETE = "UPDATE mirror SET is_settled = 1 WHERE only_row = 1 AND is_settled = 0";
    EPOCH = "SELECT epoch FROM mirror WHERE only_row = 1";
}

// At most as many rows as one user has devices.
const DELETE_SESSIONS: &str = "DELETE FROM sessions";
// Conversations that the server does not know: the mirror's data of them is read-only.
const MARK_LEFT: &str = "UPDATE conversations SET left_at = max(active_at, 1)
        WHERE membership_changed_seq = 0 AND left_at IS NULL AND type <> ''";
// Deletes rows that the server no longer has. After a restore, the outbox sends again which messages the user
// saved and which settings they changed lately.
const DELETE_UNCONFIRMED: &str = "DELETE FROM saved WHERE changed_seq = 0;
    DELETE FROM settings WHERE changed_seq = 0";

/// The progress of a stream.
pub(crate) struct StreamRow {
    /// The stream as text: see [`StreamId`].
    pub stream: String,
    /// The number of this user's join of the conversation for which the cursor counts; 0 for other
    /// streams.
    pub term: i64,
    /// The change up to which everything is applied; `None` until the stream is bootstrapped.
    pub cursor: Option<i64>,
    /// The newest change that the server is known to have.
    pub head: i64,
}

// Read as a whole, once, when the app starts.
const ALL_STREAMS: &str = concat!("SELECT ", streams!(list), " FROM streams");

/// Returns how far every followed stream is applied.
pub(crate) fn all(conn: &Connection) -> Result<Vec<StreamRow>> {
    let mut statement = conn.prepare_cached(ALL_STREAMS)?;
    Ok(statement.query_map([], read)?.collect::<rusqlite::Result<_>>()?)
}

fn read(row: &Row<'_>) -> rusqlite::Result<StreamRow> {
    Ok(StreamRow {
        stream: row.get("stream")?,
        term: row.get("term")?,
        cursor: row.get("cursor")?,
        head: row.get("head")?,
    })
}

fn find(conn: &Connection, stream: StreamId) -> Result<Option<StreamRow>> {
    Ok(conn.prepare_cached(FIND)?.query_row([stream.to_string()], read).optional()?)
}

/// Returns the newest change that the server is known to have in a stream; 0 if there is none.
pub(crate) fn head(conn: &Connection, stream: StreamId) -> Result<i64> {
    Ok(find(conn, stream)?.map_or(0, |found| found.head))
}

/// Returns the change up to which a stream is applied; `None` before it was bootstrapped.
pub(crate) fn cursor(conn: &Connection, stream: StreamId) -> Result<Option<i64>> {
    Ok(find(conn, stream)?.and_then(|found| found.cursor))
}

/// Returns the cursor and the head of a stream; `None` before it was bootstrapped.
pub(crate) fn cursor_and_head(conn: &Connection, stream: StreamId) -> Result<Option<(i64, i64)>> {
    Ok(find(conn, stream)?.and_then(|found| Some((found.cursor?, found.head))))
}

/// Returns the term and the cursor of a stream; `None` before it was bootstrapped.
pub(crate) fn term_and_cursor(conn: &Connection, stream: StreamId) -> Result<Option<(i64, i64)>> {
    Ok(find(conn, stream)?.and_then(|found| Some((found.term, found.cursor?))))
}

/// Moves the cursor of a stream; the head of the stream never goes back.
pub(crate) fn set_cursor(
    conn: &Connection,
    stream: StreamId,
    term: i64,
    cursor: i64,
    head: i64,
) -> Result<()> {
    conn.prepare_cached(SET_CURSOR)?.execute((stream.to_string(), term, cursor, head))?;
    Ok(())
}

/// Returns the epoch of the mirror.
pub(crate) fn epoch(conn: &Connection) -> Result<String> {
    Ok(conn.prepare_cached(EPOCH)?.query_row([], |row| row.get("epoch"))?)
}

/// Records that the account's stream is complete: rows that it did not contain no longer exist on the
/// server.
pub(crate) fn mark_complete(conn: &Connection) -> Result<()> {
    if conn.prepare_cached(MARK_COMPLETE)?.execute([])? > 0 {
        mark_left(conn)?;
        conn.execute_batch(DELETE_UNCONFIRMED)?;
    }
    Ok(())
}

/// Marks conversations as left that the complete account stream did not contain.
pub(crate) fn mark_left(conn: &Connection) -> Result<()> {
    Ok(conn.execute_batch(MARK_LEFT)?)
}

/// Writes the heads of the streams that moved, the positions of their newest messages, and the
/// watermark.
pub(crate) fn save_heads(conn: &Connection, heads: &Heads) -> Result<Changes> {
    for head in &heads.heads {
        let params = (head.stream.to_string(), head.term, head.head);
        conn.prepare_cached(SET_HEAD)?.execute(params)?;
    }
    let mut changes = Changes::default();
    for newest in &heads.newest {
        let seq = messages::in_range(newest.seq.0);
        let params = (seq, newest.sent_at.0, newest.conversation_id.0);
        if conn.prepare_cached(SET_NEWEST)?.execute(params)? > 0 {
            changes.conversations.insert(newest.conversation_id);
        }
    }
    conn.prepare_cached(SET_WATERMARK)?.execute((heads.wm, &heads.proof))?;
    Ok(changes)
}

/// Resets a stream, so that it is fetched from its beginning.
pub(crate) fn reset(conn: &Connection, stream: StreamId) -> Result<Changes> {
    conn.prepare_cached(RESET)?.execute([stream.to_string()])?;
    if let StreamId::Account(_) = stream {
        // The server may no longer send sessions that have ended since.
        conn.execute_batch(DELETE_SESSIONS)?;
    }
    Ok(Changes::default())
}

/// Stops following a stream.
pub(crate) fn drop(conn: &Connection, stream: StreamId) -> Result<Changes> {
    conn.prepare_cached(DROP)?.execute([stream.to_string()])?;
    let StreamId::Conversation(id) = stream else { return Ok(Changes::default()) };
    // Deletes rows that arrived for a purged conversation after the purge.
    if let Some(number) = conversations::find(conn, id)?
        && conversations::is_purged(conn, number)?
    {
        conversations::purge(conn, number)?;
    }
    Ok(Changes::default())
}
