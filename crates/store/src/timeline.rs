//! A stretch of a conversation as it is shown: the mirror's messages, with what waits in the outbox
//! laid over them.

use crate::item::{self, TimelineItem};
use crate::messages::{self, seq_of};
use crate::{Result, Store, conversations};
use parlour_protocol::{ConversationId, MessageId, Millis, Seq, UserId};
use rusqlite::{Connection, OptionalExtension};
use serde::{Deserialize, Serialize};

parlour_sqlite::statements! {
    /// $1 first key, $2 before key, $3 limit.
    BEFORE = "SELECT messages.key, messages.id, users.id AS sender_id, users.username AS sender,
            messages.body, messages.sent_at, messages.edited_at, messages.deleted_at,
            messages.pinned_at, messages.reply_to, messages.mentions, messages.mentions_all,
            messages.reactions, saved.saved_at
        FROM messages CROSS JOIN users ON users.number = messages.sender
            LEFT JOIN saved ON saved.message_id = messages.id
        WHERE messages.key >= $1 AND messages.key < $2
        ORDER BY messages.key DESC LIMIT $3";
    /// $1 after key, $2 last key, $3 limit.
    AFTER = "SELECT messages.key, messages.id, users.id AS sender_id, users.username AS sender,
            messages.body, messages.sent_at, messages.edited_at, messages.deleted_at,
            messages.pinned_at, messages.reply_to, messages.mentions, messages.mentions_all,
            messages.reactions, saved.saved_at
        FROM messages CROSS JOIN users ON users.number = messages.sender
            LEFT JOIN saved ON saved.message_id = messages.id
        WHERE messages.key > $1 AND messages.key <= $2
        ORDER BY messages.key LIMIT $3";
    /// $1 id.
    PLACE = "SELECT number, last_seq, floor_seq FROM conversations WHERE id = $1";
    /// $1 first key, $2 last key, $3 limit.
    PINNED = "SELECT messages.key, messages.id, users.id AS sender_id, users.username AS sender,
            messages.body, messages.sent_at, messages.edited_at, messages.deleted_at,
            messages.pinned_at, messages.reply_to, messages.mentions, messages.mentions_all,
            messages.reactions, saved.saved_at
        FROM messages INDEXED BY messages_pinned
            CROSS JOIN users ON users.number = messages.sender
            LEFT JOIN saved ON saved.message_id = messages.id
        WHERE messages.pinned_at IS NOT NULL AND messages.key BETWEEN $1 AND $2
        ORDER BY messages.key DESC LIMIT $3";
    /// $1 limit.
    SAVED = "SELECT messages.key, messages.id, users.id AS sender_id, users.username AS sender,
            messages.body, messages.sent_at, messages.edited_at, messages.deleted_at,
            messages.pinned_at, messages.reply_to, messages.mentions, messages.mentions_all,
            messages.reactions, saved.saved_at, saved.conversation_id
        FROM saved INDEXED BY saved_saved_at
            CROSS JOIN messages ON substr(messages.id, 1, 8) = substr(saved.message_id, 1, 8)
                AND messages.id = saved.message_id
            CROSS JOIN users ON users.number = messages.sender
        WHERE saved.saved_at IS NOT NULL
        ORDER BY saved.saved_at DESC LIMIT $1";
    /// $1 number.
    WHERE = "SELECT id FROM conversations WHERE number = $1";
    /// $1 first key, $2 last key.
    NEXT = "SELECT key, sent_at FROM messages WHERE key BETWEEN $1 AND $2 ORDER BY key LIMIT 1";
    ME = "SELECT user_id FROM mirror WHERE only_row = 1";
}

/// Which stretch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[serde(tag = "at", content = "seq", rename_all = "camelCase")]
pub enum Position {
    /// The newest messages, and what waits.
    Newest,
    /// Those before this one.
    Before(Seq),
    /// Those after this one.
    After(Seq),
    /// This one, with half of the limit to each side.
    Around(Seq),
}

/// Where a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct MessagePlace {
    /// In which conversation.
    pub conversation_id: ConversationId,
    /// Its position there.
    pub seq: Seq,
}

/// A message that was saved for later.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct SavedItem {
    /// Where it is.
    pub conversation_id: ConversationId,
    /// The message.
    pub item: TimelineItem,
}

/// A stretch of a conversation, oldest first.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct TimelinePage {
    /// The messages.
    pub items: Vec<TimelineItem>,
    /// Whether nothing older exists.
    pub at_oldest: bool,
    /// Whether nothing newer exists.
    pub at_newest: bool,
    /// Whether older messages exist that are not here yet.
    pub missing_older: bool,
}

impl Store {
    /// A stretch of at most `limit` messages (and what waits).
    pub fn timeline(
        &self,
        id: ConversationId,
        position: Position,
        limit: i64,
    ) -> Result<TimelinePage> {
        let account = self.account()?;
        // The outbox first: what is confirmed meanwhile is then in both, not in neither.
        let open = self.outbox.open_ops_in(id)?;
        self.mirror.read(|conn| {
            let place = place(conn, id)?;
            let mut items = stretch(conn, &place, position, limit)?;
            let (first, last) = (items.first(), items.last());
            let seq = |item: &TimelineItem| item.seq.map_or(0, |seq| seq.0);
            let floor = first.map_or(place.floor, seq);
            let reached = last.map_or(place.last, seq);
            let at_newest = position == Position::Newest || reached >= place.last;
            let at_oldest = floor <= 1;
            let missing_older = !at_oldest && floor <= place.floor;
            for op in &open {
                item::overlay(
                    conn,
                    &mut items,
                    op,
                    (account.user_id, &account.username),
                    at_newest,
                )?;
            }
            Ok(TimelinePage { items, at_oldest, at_newest, missing_older })
        })
    }
}

/// A conversation's number and ends; zeros if the mirror does not have it.
struct Place {
    number: i64,
    last: i64,
    floor: i64,
}

fn place(conn: &Connection, id: ConversationId) -> Result<Place> {
    let mut statement = conn.prepare_cached(PLACE)?;
    let mut rows = statement.query([id.0])?;
    let Some(row) = rows.next()? else { return Ok(Place { number: 0, last: 0, floor: 0 }) };
    Ok(Place {
        number: row.get("number")?,
        last: row.get("last_seq")?,
        floor: row.get("floor_seq")?,
    })
}

fn stretch(
    conn: &Connection,
    place: &Place,
    position: Position,
    limit: i64,
) -> Result<Vec<TimelineItem>> {
    // Below the floor may lie a message that was changed, with a hole above it.
    let (_, high) = messages::range(place.number);
    let low = messages::key(place.number, place.floor);
    let before = |before: i64, limit: i64| -> Result<Vec<TimelineItem>> {
        let mut items = read(conn, BEFORE, (low, before, limit))?;
        items.reverse();
        Ok(items)
    };
    let after = |after: i64, limit: i64| read(conn, AFTER, (after, high, limit));
    let key = |seq: Seq| messages::key(place.number, seq.0);
    match position {
        Position::Newest => before(high, limit),
        Position::Before(seq) => before(key(seq), limit),
        Position::After(seq) => after(key(seq), limit),
        Position::Around(seq) => {
            let mut items = before(key(seq) + 1, limit / 2)?;
            items.extend(after(key(seq), limit / 2)?);
            Ok(items)
        }
    }
}

fn read(conn: &Connection, sql: &str, params: (i64, i64, i64)) -> Result<Vec<TimelineItem>> {
    let me: uuid::Uuid = conn.prepare_cached(ME)?.query_row([], |row| row.get(0))?;
    let mut statement = conn.prepare_cached(sql)?;
    let items = statement.query_map(params, |row| item::from_row(row, UserId(me)))?;
    let mut items = items.collect::<rusqlite::Result<Vec<_>>>()?;
    item::complete(conn, &mut items, UserId(me))?;
    Ok(items)
}

impl Store {
    /// Where a message is, if the mirror has it.
    pub fn find_message(&self, id: MessageId) -> Result<Option<MessagePlace>> {
        self.mirror.read(|conn| {
            let Some(key) = messages::find(conn, id)? else { return Ok(None) };
            let find = |row: &rusqlite::Row<'_>| row.get("id").map(ConversationId);
            let conversation_id = conn.prepare_cached(WHERE)?.query_row([key >> 32], find)?;
            Ok(Some(MessagePlace { conversation_id, seq: Seq(seq_of(key)) }))
        })
    }

    /// The first message here that was sent at that time or later; nothing if all are older. Looks at a
    /// few messages only: those of a conversation are in the order of time.
    pub fn first_since(&self, id: ConversationId, time: Millis) -> Result<Option<Seq>> {
        self.mirror.read(|conn| {
            let Place { number, last, floor } = place(conn, id)?;
            let (mut low, mut high) = (floor.max(1), last + 1);
            let after = |seq: i64| -> Result<Option<(i64, i64)>> {
                let params = (messages::key(number, seq), messages::key(number, last));
                let read = |row: &rusqlite::Row<'_>| Ok((row.get("key")?, row.get("sent_at")?));
                Ok(conn.prepare_cached(NEXT)?.query_row(params, read).optional()?)
            };
            // Positions may be missing: the next one that is there tells.
            while low < high {
                let middle = i64::midpoint(low, high);
                match after(middle)? {
                    Some((key, sent_at)) if sent_at < time.0 => low = seq_of(key) + 1,
                    _ => high = middle,
                }
            }
            Ok(after(low)?.map(|(key, _)| Seq(seq_of(key))))
        })
    }

    /// What is pinned to a conversation, newest first, at most `limit`.
    pub fn pinned(&self, id: ConversationId, limit: i64) -> Result<Vec<TimelineItem>> {
        self.mirror.read(|conn| {
            let Some(number) = conversations::find(conn, id)? else { return Ok(Vec::new()) };
            let (first, last) = messages::range(number);
            read(conn, PINNED, (first, last, limit))
        })
    }

    /// What was saved for later and is here, saved last first, at most `limit`.
    pub fn saved(&self, limit: i64) -> Result<Vec<SavedItem>> {
        self.mirror.read(|conn| {
            let me: uuid::Uuid = conn.prepare_cached(ME)?.query_row([], |row| row.get(0))?;
            let mut statement = conn.prepare_cached(SAVED)?;
            let rows = statement.query_map([limit], |row| {
                let place = ConversationId(row.get("conversation_id")?);
                Ok((place, item::from_row(row, UserId(me))?))
            })?;
            let (places, mut items): (Vec<_>, Vec<_>) =
                rows.collect::<rusqlite::Result<Vec<_>>>()?.into_iter().unzip();
            item::complete(conn, &mut items, UserId(me))?;
            let saved = places.into_iter().zip(items);
            Ok(saved.map(|(conversation_id, item)| SavedItem { conversation_id, item }).collect())
        })
    }
}
