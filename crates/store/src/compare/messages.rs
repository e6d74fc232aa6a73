//! Checks whether the messages are those that the server has: compares one digest per range, and
//! fetches the range again where the digests differ.

use super::repairs;
use crate::changes::Changes;
use crate::error::Result;
use crate::mirror::{Mirror, conversations, messages, streams};
use parlour_protocol::{ConversationId, Digester, MessageRow, Row, StreamId, limits};
use rusqlite::{Connection, OptionalExtension};
use std::collections::BTreeMap;

parlour_sqlite::statements! {
    /// $1 id.
    BOUNDS = "SELECT number, last_seq, floor_seq, visible_from FROM conversations WHERE id = $1";
    /// $1 first key, $2 last key.
    IN_RANGE = concat!("SELECT ", messages!(qualified), ", users.id AS sender_id
        FROM messages CROSS JOIN users ON users.number = messages.sender
        WHERE messages.key BETWEEN $1 AND $2 ORDER BY messages.key");
    /// $1 key.
    REMOVE = "DELETE FROM messages WHERE key = $1";
}

/// A range of a conversation as the mirror has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MessageRange {
    /// The conversation.
    pub conversation: ConversationId,
    /// The number of this user's join of it; see [`parlour_protocol::Bootstrap`].
    pub term: i64,
    /// The change up to which it is applied.
    pub cursor: i64,
    /// The lowest position, included.
    pub low: i64,
    /// The highest position, included.
    pub high: i64,
}

impl Mirror {
    /// Returns the range that ends below a position, or at the newest message if `below` is
    /// `None`. Returns `None` if there is no such range.
    pub fn message_range(
        &self,
        id: ConversationId,
        below: Option<i64>,
    ) -> Result<Option<MessageRange>> {
        self.read(|conn| {
            let applied = streams::term_and_cursor(conn, StreamId::Conversation(id))?;
            let bounds = conn.prepare_cached(BOUNDS)?.query_row([id.0], bounds).optional()?;
            let (Some((term, cursor)), Some((last, floor, visible))) = (applied, bounds) else {
                return Ok(None);
            };
            let high = below.map_or(last, |below| last.min(below - 1));
            let low = (high - limits::PAGE_ROWS + 1).max(floor).max(visible).max(1);
            let range = MessageRange { conversation: id, term, cursor, low, high };
            Ok((floor > 0 && low <= high).then_some(range))
        })
    }

    /// Returns the number of messages in the range and their digest. Returns `None` if the
    /// conversation has moved since, or if a row from the response to an op is newer than the cursor.
    pub fn digest(&self, range: &MessageRange) -> Result<Option<(i64, String)>> {
        self.read(|conn| {
            if !is_current(conn, range)? {
                return Ok(None);
            }
            let mirrored = read_rows(conn, range)?;
            let mut digester = Digester::default();
            mirrored.values().for_each(|row| digester.add(row));
            let is_ahead = mirrored.values().any(|row| row.changed_seq > range.cursor);
            Ok((!is_ahead).then(|| digester.finish()))
        })
    }

    /// Makes the range equal to what the server has in an epoch; returns how many messages
    /// differed. What changed there since the cursor arrives through the stream, so it is not
    /// counted as a difference. Skips rows outside the range. Returns `None`, and changes
    /// nothing, if the conversation has moved since or the epoch is over: the range is still to
    /// be compared.
    pub fn repair(
        &self,
        range: &MessageRange,
        epoch: &str,
        rows: &[Row],
    ) -> Result<Option<(i64, Changes)>> {
        self.write(|conn| {
            if streams::epoch(conn)? != epoch || !is_current(conn, range)? {
                return Ok(None);
            }
            let number = conversations::number(conn, range.conversation)?;
            let mut mirrored = read_rows(conn, range)?;
            let mut repaired = 0;
            for row in rows {
                let Row::Message(row) = row else { continue };
                if !(range.low..=range.high).contains(&row.seq.0) {
                    continue;
                }
                let known = mirrored.remove(&row.seq.0);
                let is_newer = row.changed_seq > range.cursor
                    || known.as_ref().is_some_and(|known| known.changed_seq > range.cursor);
                if is_newer || known.as_ref().is_some_and(|known| is_same(known, row)) {
                    continue;
                }
                conn.prepare_cached(REMOVE)?.execute([messages::key(number, row.seq.0)])?;
                messages::apply(conn, number, std::iter::once(row))?;
                repaired += 1;
            }
            for (seq, row) in mirrored {
                // The server's rows lack messages that were written, or arrived with the response to an op, after
                // they were read.
                if row.changed_seq <= range.cursor {
                    conn.prepare_cached(REMOVE)?.execute([messages::key(number, seq)])?;
                    repaired += 1;
                }
            }
            repairs::count(conn, repaired)?;
            Ok(Some((repaired, Changes::of_conversation(range.conversation))))
        })
    }
}

fn bounds(row: &rusqlite::Row<'_>) -> rusqlite::Result<(i64, i64, i64)> {
    Ok((row.get("last_seq")?, row.get("floor_seq")?, row.get("visible_from")?))
}

fn is_current(conn: &Connection, range: &MessageRange) -> Result<bool> {
    let stream = StreamId::Conversation(range.conversation);
    Ok(streams::term_and_cursor(conn, stream)? == Some((range.term, range.cursor)))
}

/// Returns the range's messages by position.
fn read_rows(conn: &Connection, range: &MessageRange) -> Result<BTreeMap<i64, MessageRow>> {
    let number = conversations::number(conn, range.conversation)?;
    let params = (messages::key(number, range.low), messages::key(number, range.high));
    let mut statement = conn.prepare_cached(IN_RANGE)?;
    let rows = statement.query_map(params, messages::read)?;
    rows.map(|row| row.map(|row| (row.seq.0, row)).map_err(Into::into)).collect()
}

/// Returns whether two messages have the same digest.
fn is_same(first: &MessageRow, other: &MessageRow) -> bool {
    let digest = |row| {
        let mut digester = Digester::default();
        digester.add(row);
        digester.finish()
    };
    digest(first) == digest(other)
}
