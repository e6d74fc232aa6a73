//! How far each stream is applied. A cursor moves only in the transaction that writes the rows
//! which it covers.

use crate::outbox::OpenOp;
use crate::{Changes, Result, Store, conversations, drafts, messages};
use parlour_protocol::{ConversationId, Heads, StreamId, UserId};
use rusqlite::{Connection, OptionalExtension};
use uuid::Uuid;

parlour_sqlite::statements! {
    /// $1 stream.
    CURSOR = "SELECT cursor FROM streams WHERE stream = $1";
    /// $1 stream.
    REACH = "SELECT cursor, head FROM streams WHERE stream = $1 AND cursor IS NOT NULL";
    /// $1 stream, $2 term, $3 cursor, $4 head.
    SET_CURSOR = "INSERT INTO streams (stream, term, cursor, head) VALUES ($1, $2, $3, $4)
        ON CONFLICT (stream) DO UPDATE SET term = excluded.term, cursor = excluded.cursor,
            head = max(streams.head, excluded.head)";
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
    SET_WM = "UPDATE mirror SET wm = $1, proof = $2 WHERE only_row = 1";
    /// $1 epoch.
    SET_EPOCH = "UPDATE mirror SET epoch = $1, wm = 0, proof = '' WHERE only_row = 1";
    PROOF = "SELECT proof FROM mirror WHERE only_row = 1";
    SETTLE = "UPDATE mirror SET is_settled = 1 WHERE only_row = 1 AND is_settled = 0";
    EPOCH = "SELECT epoch FROM mirror WHERE only_row = 1";
    MIRROR_STATE = "SELECT user_id, epoch, wm FROM mirror WHERE only_row = 1";
    /// $1 id.
    PLACE = "SELECT floor_seq, max(last_seq, known_seq) AS newest, active_at
        FROM conversations WHERE id = $1";
}

// Read whole, once, when the app starts.
const STATES: &str = "SELECT stream, term, cursor, head FROM streams";
const RESET_ALL: &str = "UPDATE streams SET term = 0, cursor = NULL, head = 0";
// Reads and writes everything, once, when the server was restored. Whatever it says then is newer.
const FORGET_CHANGES: &str = "UPDATE messages SET changed_seq = 0;
    UPDATE members SET changed_seq = 0;
    UPDATE conversations SET changed_seq = 0, membership_changed_seq = 0, visible_from = 1,
        known_seq = 0;
    UPDATE users SET changed_seq = 0;
    DELETE FROM sessions;
    DELETE FROM drafts;
    UPDATE saved SET changed_seq = 0;
    UPDATE settings SET changed_seq = 0;
    UPDATE mirror SET is_settled = 0";
// At most as many as one person's devices.
const FORGET_SESSIONS: &str = "DELETE FROM sessions";
// Of which the server knows nothing: what is here of conversations can be read and no more.
const ABANDON: &str = "UPDATE conversations SET left_at = max(active_at, 1)
        WHERE membership_changed_seq = 0 AND left_at IS NULL AND type <> ''";
// What one saved lately is offered again after a restore.
const ABANDON_OWN: &str = "DELETE FROM saved WHERE changed_seq = 0;
    DELETE FROM settings WHERE changed_seq = 0";

/// Where a mirror stands, for the engine to begin with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyncState {
    /// Whose mirror it is.
    pub user_id: UserId,
    /// '' before the first contact.
    pub epoch: String,
    /// Up to which heads are known.
    pub wm: i64,
    /// Every stream that is followed.
    pub streams: Vec<StreamState>,
    /// What waits or was refused, in the order in which it was done.
    pub ops: Vec<OpenOp>,
}

/// Where a mirror stands in one stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamState {
    /// Which.
    pub stream: StreamId,
    /// One's join of the conversation that the cursor counts for.
    pub term: i64,
    /// Everything up to here is applied; nothing until it is bootstrapped.
    pub cursor: Option<i64>,
    /// The newest change that the server is known to have.
    pub head: i64,
    /// The oldest message held; 1 or 0 when there is none older.
    pub floor: i64,
    /// The newest message that the server is known to have.
    pub newest: i64,
    /// When something was last said there.
    pub active_at: i64,
}

pub(crate) fn cursor(conn: &Connection, stream: StreamId) -> Result<Option<i64>> {
    let cursor = conn
        .prepare_cached(CURSOR)?
        .query_row([stream.to_string()], |row| row.get(0))
        .optional()?;
    Ok(cursor.flatten())
}

/// Up to which change a stream is applied, and the newest one that is known; nothing before it was fetched.
pub(crate) fn reach(conn: &Connection, stream: StreamId) -> Result<Option<(i64, i64)>> {
    let read = |row: &rusqlite::Row<'_>| Ok((row.get("cursor")?, row.get("head")?));
    Ok(conn.prepare_cached(REACH)?.query_row([stream.to_string()], read).optional()?)
}

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

/// The epoch that the mirror is of.
pub(crate) fn epoch(conn: &Connection) -> Result<String> {
    Ok(conn.prepare_cached(EPOCH)?.query_row([], |row| row.get("epoch"))?)
}

/// Notes that the account is here as the server has it: what it does not tell of is gone from there.
pub(crate) fn settle(conn: &Connection) -> Result<()> {
    if conn.prepare_cached(SETTLE)?.execute([])? > 0 {
        abandon(conn)?;
        conn.execute_batch(ABANDON_OWN)?;
    }
    Ok(())
}

/// Lets go of conversations that the whole account did not tell of.
pub(crate) fn abandon(conn: &Connection) -> Result<()> {
    Ok(conn.execute_batch(ABANDON)?)
}

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
    conn.prepare_cached(SET_WM)?.execute((heads.wm, &heads.proof))?;
    Ok(changes)
}

pub(crate) fn reset(conn: &Connection, stream: StreamId) -> Result<Changes> {
    conn.prepare_cached(RESET)?.execute([stream.to_string()])?;
    if let StreamId::Account(_) = stream {
        // Those that ended meanwhile may not be told of any more.
        conn.execute_batch(FORGET_SESSIONS)?;
    }
    Ok(Changes::default())
}

pub(crate) fn drop(conn: &Connection, stream: StreamId) -> Result<Changes> {
    conn.prepare_cached(DROP)?.execute([stream.to_string()])?;
    let StreamId::Conversation(id) = stream else { return Ok(Changes::default()) };
    // What came for it on its way here.
    if let Some(number) = conversations::find(conn, id)?
        && conversations::is_purged(conn, number)?
    {
        conversations::purge(conn, number)?;
    }
    Ok(Changes::default())
}

impl Store {
    /// Where the account stands.
    pub fn sync_state(&self) -> Result<SyncState> {
        let ops = self.outbox.open_ops()?;
        self.mirror.read(|conn| {
            let mut statement = conn.prepare_cached(STATES)?;
            let rows = statement.query_map([], |row| {
                let stream: String = row.get("stream")?;
                Ok((stream, row.get("term")?, row.get("cursor")?, row.get("head")?))
            })?;
            let mut streams = Vec::new();
            for row in rows {
                let (stream, term, cursor, head) = row?;
                let Ok(stream) = stream.parse::<StreamId>() else { continue };
                let (floor, newest, active_at) = place(conn, stream)?;
                streams.push(StreamState { stream, term, cursor, head, floor, newest, active_at });
            }
            conn.query_row(MIRROR_STATE, [], |row| {
                Ok(SyncState {
                    user_id: UserId(row.get::<_, Uuid>("user_id")?),
                    epoch: row.get("epoch")?,
                    wm: row.get("wm")?,
                    streams,
                    ops,
                })
            })
            .map_err(Into::into)
        })
    }

    /// What the server vouched for the newest watermark with, to be shown when heads are asked for; '' if
    /// it did not.
    pub fn proof(&self) -> Result<String> {
        self.mirror.read(|conn| Ok(conn.prepare_cached(PROOF)?.query_row([], |row| row.get(0))?))
    }

    /// Begins a new epoch: the server's database was restored. Every cursor is void, and what was
    /// sent in the last 30 days waits again, under the ids that it had.
    pub fn begin_epoch(&self, epoch: &str) -> Result<Changes> {
        // First, and by itself: the mirror may have been lost, and with it that there was another.
        self.outbox.begin_epoch(epoch)?;
        let known: String = self
            .mirror
            .read(|conn| Ok(conn.query_row(MIRROR_STATE, [], |row| row.get("epoch"))?))?;
        if known == epoch {
            return Ok(Changes::default());
        }
        if !known.is_empty() {
            let written = self.mirror.read(|conn| drafts::known(conn))?;
            self.outbox.with(|conn| drafts::take_over(conn, &written))?;
        }
        self.mirror.write(|conn| {
            if !known.is_empty() {
                conn.execute_batch(FORGET_CHANGES)?;
            }
            conn.execute(RESET_ALL, [])?;
            conn.execute(SET_EPOCH, [epoch])?;
            Ok(())
        })?;
        Ok(Changes::default().with_outbox())
    }
}

fn place(conn: &Connection, stream: StreamId) -> Result<(i64, i64, i64)> {
    let StreamId::Conversation(ConversationId(id)) = stream else { return Ok((0, 0, 0)) };
    let place = conn
        .prepare_cached(PLACE)?
        .query_row([id], |row| {
            Ok((row.get("floor_seq")?, row.get("newest")?, row.get("active_at")?))
        })
        .optional()?;
    Ok(place.unwrap_or_default())
}
