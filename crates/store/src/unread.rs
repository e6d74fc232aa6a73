//! The number of unread messages: computed from the mirror's rows, never a counter.

use crate::error::Result;
use crate::mirror::messages;
use parlour_protocol::Count;
use rusqlite::Connection;

parlour_sqlite::statements! {
    /// $1 after key, $2 last key, $3 most.
    UNREAD = "SELECT 1 FROM messages
            CROSS JOIN mirror ON mirror.only_row = 1
            CROSS JOIN users ON users.number = messages.sender
        WHERE messages.key > $1 AND messages.key <= $2
            AND messages.deleted_at IS NULL AND users.id <> mirror.user_id
        LIMIT $3";
}

/// Maximum number of present messages that are counted.
const MAX_COUNTED: i64 = 1000;

/// The part of a conversation that is present.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PresentRange {
    /// Its number in the mirror.
    pub number: i64,
    /// The position of the oldest present message; 0 if there is none.
    pub floor: i64,
    /// The position of the newest present message.
    pub last: i64,
    /// The position of the newest message that the server is known to have.
    pub newest: i64,
    /// The position of the first message that this user may see.
    pub visible_from: i64,
}

/// Returns the number of messages after the read position: the present ones that others wrote and
/// did not delete, at most 1,000, and all those that are not present yet.
pub(crate) fn count(conn: &Connection, present: PresentRange, last_read: i64) -> Result<Count> {
    let read = last_read.max(present.visible_from - 1);
    let not_received = (present.newest - present.last.max(read)).max(0);
    let missing = (present.floor.min(present.last + 1) - 1 - read).max(0);
    let after = messages::key(present.number, read.max(present.floor - 1));
    let params = (after, messages::key(present.number, present.last), MAX_COUNTED);
    let mut statement = conn.prepare_cached(UNREAD)?;
    let (mut rows, mut counted) = (statement.query(params)?, 0);
    while rows.next()?.is_some() {
        counted += 1;
    }
    Ok(Count(missing + counted + not_received))
}
