//! The state of an account from which the sync engine starts; and the beginning of a new epoch.

use crate::changes::Changes;
use crate::error::Result;
use crate::mirror;
use crate::mirror::streams::StreamRow;
use crate::outbox::drafts;
use crate::outbox::ops::PendingOp;
use crate::store::Store;
use parlour_protocol::{ConversationId, StreamId, UserId};
use rusqlite::{Connection, OptionalExtension};
use uuid::Uuid;

parlour_sqlite::statements! {
    /// $1 epoch.
    SET_EPOCH = "UPDATE mirror SET epoch = $1, wm = 0, proof = '' WHERE only_row = 1";
    PROOF = "SELECT proof FROM mirror WHERE only_row = 1";
    MIRROR_STATE = "SELECT user_id, epoch, wm FROM mirror WHERE only_row = 1";
    /// $1 id.
    BOUNDS = "SELECT floor_seq, max(last_seq, known_seq) AS newest, active_at
        FROM conversations WHERE id = $1";
}

const RESET_ALL: &str = "UPDATE streams SET term = 0, cursor = NULL, head = 0";
// Reads and writes everything, once, when the server was restored. Every row that the server sends
// afterwards counts as newer.
const CLEAR_CHANGES: &str = "UPDATE messages SET changed_seq = 0;
    UPDATE members SET changed_seq = 0;
    UPDATE conversations SET changed_seq = 0, membership_changed_seq = 0, visible_from = 1,
        known_seq = 0;
    UPDATE users SET changed_seq = 0;
    DELETE FROM sessions;
    DELETE FROM drafts;
    UPDATE saved SET changed_seq = 0;
    UPDATE settings SET changed_seq = 0;
    UPDATE mirror SET is_settled = 0";

/// The state of an account from which the engine starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyncState {
    /// The user.
    pub user_id: UserId,
    /// The server's epoch; '' before the first contact.
    pub epoch: String,
    /// The watermark up to which heads are known.
    pub watermark: i64,
    /// Every stream that is followed.
    pub streams: Vec<StreamState>,
    /// The ops that wait or were refused, in the order in which they were done.
    pub ops: Vec<PendingOp>,
}

/// The state of one stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamState {
    /// The stream.
    pub stream: StreamId,
    /// The number of this user's join of the conversation to which the cursor belongs.
    pub term: i64,
    /// The change up to which everything is applied; `None` until the stream is bootstrapped.
    pub cursor: Option<i64>,
    /// The newest change that the server is known to have.
    pub head: i64,
    /// The position of the oldest present message; 1 or 0 when there is none older.
    pub floor: i64,
    /// The position of the newest message that the server is known to have.
    pub newest: i64,
    /// The time at which a message was last written in the conversation.
    pub active_at: i64,
}

impl Store {
    /// Returns the state of the account.
    pub fn sync_state(&self) -> Result<SyncState> {
        let ops = self.outbox.pending_ops()?;
        self.mirror.read(|conn| {
            let mut streams = Vec::new();
            for found in mirror::streams::all(conn)? {
                let StreamRow { stream, term, cursor, head } = found;
                let Ok(stream) = stream.parse::<StreamId>() else { continue };
                let (floor, newest, active_at) = bounds(conn, stream)?;
                streams.push(StreamState { stream, term, cursor, head, floor, newest, active_at });
            }
            conn.query_row(MIRROR_STATE, [], |row| {
                Ok(SyncState {
                    user_id: UserId(row.get::<_, Uuid>("user_id")?),
                    epoch: row.get("epoch")?,
                    watermark: row.get("wm")?,
                    streams,
                    ops,
                })
            })
            .map_err(Into::into)
        })
    }

    /// Returns the proof that the server sent with the newest watermark, to be presented when heads
    /// are requested; '' if it sent none.
    pub fn proof(&self) -> Result<String> {
        self.mirror.read(|conn| Ok(conn.prepare_cached(PROOF)?.query_row([], |row| row.get(0))?))
    }

    /// Begins a new epoch: the server's database was restored. Every cursor becomes invalid, and ops that
    /// were sent in the last 30 days wait again, under the same ids.
    pub fn begin_epoch(&self, epoch: &str) -> Result<Changes> {
        // The outbox comes first, independently of the mirror: the mirror may have been lost, and with it
        // the previous epoch.
        self.outbox.begin_epoch(epoch)?;
        let known: String = self
            .mirror
            .read(|conn| Ok(conn.query_row(MIRROR_STATE, [], |row| row.get("epoch"))?))?;
        if known == epoch {
            return Ok(Changes::default());
        }
        if !known.is_empty() {
            let drafts = self.mirror.read(|conn| mirror::drafts::non_empty(conn))?;
            self.outbox.with_conn(|conn| drafts::insert_missing(conn, &drafts))?;
        }
        self.mirror.write(|conn| {
            if !known.is_empty() {
                conn.execute_batch(CLEAR_CHANGES)?;
            }
            conn.execute(RESET_ALL, [])?;
            conn.execute(SET_EPOCH, [epoch])?;
            Ok(())
        })?;
        Ok(Changes::default().with_outbox())
    }
}

fn bounds(conn: &Connection, stream: StreamId) -> Result<(i64, i64, i64)> {
    let StreamId::Conversation(ConversationId(id)) = stream else { return Ok((0, 0, 0)) };
    let bounds = conn
        .prepare_cached(BOUNDS)?
        .query_row([id], |row| {
            Ok((row.get("floor_seq")?, row.get("newest")?, row.get("active_at")?))
        })
        .optional()?;
    Ok(bounds.unwrap_or_default())
}
