//! Whether the messages are those that the server has: a digest of a stretch at a time, and the stretch anew
//! where it differs. What is mended is counted, and the count is kept.

use crate::packed::Unpacked;
use crate::{Changes, Mirror, Result, conversations, messages, streams};
use parlour_protocol::{
    ConversationId, Digester, MessageId, MessageRow, Millis, Row, Seq, StreamId, UserId, limits,
};
use rusqlite::{Connection, OptionalExtension};
use std::collections::BTreeMap;
use uuid::Uuid;

parlour_sqlite::statements! {
    /// $1 id.
    PLACE = "SELECT number, last_seq, floor_seq, visible_from FROM conversations WHERE id = $1";
    /// $1 stream.
    STANDS = "SELECT term, cursor FROM streams WHERE stream = $1 AND cursor IS NOT NULL";
    /// $1 first key, $2 last key.
    HELD = "SELECT messages.key, messages.id, users.id AS sender, messages.body, messages.sent_at,
            messages.edited_at, messages.deleted_at, messages.pinned_at, messages.reply_to,
            messages.mentions, messages.mentions_all, messages.reactions, messages.changed_seq
        FROM messages CROSS JOIN users ON users.number = messages.sender
        WHERE messages.key BETWEEN $1 AND $2 ORDER BY messages.key";
    /// $1 key.
    REMOVE = "DELETE FROM messages WHERE key = $1";
    /// $1 how many.
    COUNT = "UPDATE mirror SET repaired = repaired + $1 WHERE only_row = 1";
    REPAIRED = "SELECT repaired FROM mirror WHERE only_row = 1";
}

/// A stretch of a conversation as the mirror has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stretch {
    /// Of which.
    pub conversation: ConversationId,
    /// One's join of it.
    pub term: i64,
    /// Up to which change it is applied.
    pub cursor: i64,
    /// The first position.
    pub low: i64,
    /// The last one.
    pub high: i64,
}

impl Mirror {
    /// Counts something that was mended.
    pub fn note_repair(&self) -> Result<()> {
        self.write(|conn| count(conn, 1))
    }

    /// The stretch that ends below a position, or at the newest message; nothing if there is none.
    pub fn stretch(&self, id: ConversationId, below: Option<i64>) -> Result<Option<Stretch>> {
        self.read(|conn| {
            let stands = stands(conn, StreamId::Conversation(id))?;
            let place = conn.prepare_cached(PLACE)?.query_row([id.0], place).optional()?;
            let (Some((term, cursor)), Some((last, floor, visible))) = (stands, place) else {
                return Ok(None);
            };
            let high = below.map_or(last, |below| last.min(below - 1));
            let low = (high - limits::PAGE_ROWS + 1).max(floor).max(visible).max(1);
            let stretch = Stretch { conversation: id, term, cursor, low, high };
            Ok((floor > 0 && low <= high).then_some(stretch))
        })
    }

    /// How many messages the stretch has, and the digest of them; nothing if the conversation has
    /// moved since, or if an op's answer was ahead of it.
    pub fn digest(&self, stretch: &Stretch) -> Result<Option<(i64, String)>> {
        self.read(|conn| {
            if !is_current(conn, stretch)? {
                return Ok(None);
            }
            let held = held(conn, stretch)?;
            let mut digester = Digester::default();
            held.values().for_each(|row| digester.add(row));
            let is_ahead = held.values().any(|row| row.changed_seq > stretch.cursor);
            Ok((!is_ahead).then(|| digester.finish()))
        })
    }

    /// Makes the stretch what the server has in an epoch; answers how many messages differed. Does nothing
    /// if the conversation has moved since, or the epoch is over; what changed there meanwhile is news, and
    /// comes by itself. Rows beside the stretch are passed over.
    pub fn repair(&self, stretch: &Stretch, epoch: &str, rows: &[Row]) -> Result<(i64, Changes)> {
        self.write(|conn| {
            if streams::epoch(conn)? != epoch || !is_current(conn, stretch)? {
                return Ok((0, Changes::default()));
            }
            let number = conversations::number(conn, stretch.conversation)?;
            let mut held = held(conn, stretch)?;
            let mut repaired = 0;
            for row in rows {
                let Row::Message(row) = row else { continue };
                if !(stretch.low..=stretch.high).contains(&row.seq.0) {
                    continue;
                }
                let known = held.remove(&row.seq.0);
                let is_news = row.changed_seq > stretch.cursor
                    || known.as_ref().is_some_and(|known| known.changed_seq > stretch.cursor);
                if is_news || known.as_ref().is_some_and(|known| is_same(known, row)) {
                    continue;
                }
                conn.prepare_cached(REMOVE)?.execute([messages::key(number, row.seq.0)])?;
                messages::apply(conn, number, std::iter::once(row))?;
                repaired += 1;
            }
            for (seq, row) in held {
                // What was said, or answered to an op, after the answer was made is not in it.
                if row.changed_seq <= stretch.cursor {
                    conn.prepare_cached(REMOVE)?.execute([messages::key(number, seq)])?;
                    repaired += 1;
                }
            }
            count(conn, repaired)?;
            Ok((repaired, Changes::of(stretch.conversation)))
        })
    }

    /// How many rows had to be mended since the mirror was begun: none, if all is well.
    pub fn repaired(&self) -> Result<i64> {
        self.read(|conn| Ok(conn.prepare_cached(REPAIRED)?.query_row([], |row| row.get(0))?))
    }
}

/// Counts what was mended.
pub(crate) fn count(conn: &Connection, repaired: i64) -> Result<()> {
    conn.prepare_cached(COUNT)?.execute([repaired])?;
    Ok(())
}

fn place(row: &rusqlite::Row<'_>) -> rusqlite::Result<(i64, i64, i64)> {
    Ok((row.get("last_seq")?, row.get("floor_seq")?, row.get("visible_from")?))
}

/// One's join of a stream, and up to which change it is applied; nothing before it was fetched.
pub(crate) fn stands(conn: &Connection, stream: StreamId) -> Result<Option<(i64, i64)>> {
    let stream = stream.to_string();
    let read = |row: &rusqlite::Row<'_>| Ok((row.get("term")?, row.get("cursor")?));
    Ok(conn.prepare_cached(STANDS)?.query_row([stream], read).optional()?)
}

fn is_current(conn: &Connection, stretch: &Stretch) -> Result<bool> {
    let stream = StreamId::Conversation(stretch.conversation);
    Ok(streams::cursor(conn, stream)? == Some(stretch.cursor))
}

/// The stretch's messages by position.
fn held(conn: &Connection, stretch: &Stretch) -> Result<BTreeMap<i64, MessageRow>> {
    let number = conversations::number(conn, stretch.conversation)?;
    let params = (messages::key(number, stretch.low), messages::key(number, stretch.high));
    let mut statement = conn.prepare_cached(HELD)?;
    let rows = statement.query_map(params, |row| {
        let (id, sender) = (MessageId(row.get("id")?), UserId(row.get("sender")?));
        let (Unpacked(body), sent_at): (_, i64) = (row.get("body")?, row.get("sent_at")?);
        Ok(MessageRow {
            seq: Seq(messages::seq_of(row.get("key")?)),
            edited_at: row.get::<_, Option<i64>>("edited_at")?.map(Millis),
            deleted_at: row.get::<_, Option<i64>>("deleted_at")?.map(Millis),
            pinned_at: row.get::<_, Option<i64>>("pinned_at")?.map(Millis),
            reply_to: row.get::<_, Option<Uuid>>("reply_to")?.map(MessageId),
            mentions: messages::list(row, "mentions")?,
            mentions_all: row.get("mentions_all")?,
            reactions: messages::list(row, "reactions")?,
            changed_seq: row.get("changed_seq")?,
            ..MessageRow::new(id, sender, body, Millis(sent_at))
        })
    })?;
    rows.map(|row| row.map(|row| (row.seq.0, row)).map_err(Into::into)).collect()
}

/// Whether two messages are the same as far as a digest goes.
fn is_same(one: &MessageRow, other: &MessageRow) -> bool {
    let digest = |row| {
        let mut digester = Digester::default();
        digester.add(row);
        digester.finish()
    };
    digest(one) == digest(other)
}
