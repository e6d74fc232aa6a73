//! A stretch of a conversation as it is shown: the mirror's messages, with what waits in the outbox
//! laid over them.

use crate::messages::{self, seq_of};
use crate::outbox::{OpState, OpenOp};
use crate::{Result, Store, conversations};
use parlour_protocol::{Action, ConversationId, ErrorCode, MessageId, Millis, Seq, UserId};
use rusqlite::{Connection, Row};
use serde::{Deserialize, Serialize};

parlour_sqlite::statements! {
    /// $1 first key, $2 before key, $3 limit.
    BEFORE = "SELECT messages.key, messages.id, users.id AS sender_id, users.username AS sender,
            messages.body, messages.sent_at, messages.edited_at, messages.deleted_at
        FROM messages CROSS JOIN users ON users.number = messages.sender
        WHERE messages.key >= $1 AND messages.key < $2
        ORDER BY messages.key DESC LIMIT $3";
    /// $1 after key, $2 last key, $3 limit.
    AFTER = "SELECT messages.key, messages.id, users.id AS sender_id, users.username AS sender,
            messages.body, messages.sent_at, messages.edited_at, messages.deleted_at
        FROM messages CROSS JOIN users ON users.number = messages.sender
        WHERE messages.key > $1 AND messages.key <= $2
        ORDER BY messages.key LIMIT $3";
    /// $1 id.
    PLACE = "SELECT number, last_seq, floor_seq FROM conversations WHERE id = $1";
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

/// Where a message of one's own stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[serde(tag = "state", rename_all = "camelCase")]
pub enum Delivery {
    /// The server has it.
    Sent,
    /// It waits to be sent.
    Waiting,
    /// The server refused it.
    Refused {
        /// For programs.
        code: ErrorCode,
        /// The server's sentence.
        reason: String,
    },
}

/// A message on the screen. Its id never changes, so its row stays the same from Enter on.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct TimelineItem {
    /// Which.
    pub id: MessageId,
    /// Its position; nothing while it waits.
    pub seq: Option<Seq>,
    /// Who wrote it.
    pub sender_id: UserId,
    /// Their name.
    pub sender: String,
    /// Whether that is me.
    pub own: bool,
    /// What it says; empty once deleted.
    pub body: String,
    /// When the server took it, or when I wrote it.
    pub sent_at: Millis,
    /// Whether it was edited.
    pub edited: bool,
    /// Whether it was deleted.
    pub deleted: bool,
    /// Where it, or a change of it, stands.
    pub delivery: Delivery,
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
                overlay(conn, &mut items, op, (account.user_id, &account.username), at_newest)?;
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
    let items = statement.query_map(params, |row| from_row(row, UserId(me)))?;
    Ok(items.collect::<rusqlite::Result<_>>()?)
}

fn from_row(row: &Row<'_>, me: UserId) -> rusqlite::Result<TimelineItem> {
    let sender_id = UserId(row.get("sender_id")?);
    Ok(TimelineItem {
        id: MessageId(row.get("id")?),
        seq: Some(Seq(seq_of(row.get("key")?))),
        sender_id,
        sender: row.get("sender")?,
        own: sender_id == me,
        body: row.get("body")?,
        sent_at: Millis(row.get("sent_at")?),
        edited: row.get::<_, Option<i64>>("edited_at")?.is_some(),
        deleted: row.get::<_, Option<i64>>("deleted_at")?.is_some(),
        delivery: Delivery::Sent,
    })
}

/// Shows an op that is not done as if it were, with where it stands.
fn overlay(
    conn: &Connection,
    items: &mut Vec<TimelineItem>,
    open: &OpenOp,
    me: (UserId, &str),
    at_newest: bool,
) -> Result<()> {
    let delivery = match open.state {
        OpState::Waiting => Delivery::Waiting,
        OpState::Refused => Delivery::Refused {
            code: open.code.unwrap_or(ErrorCode::Unknown),
            reason: open.reason.clone().unwrap_or_default(),
        },
    };
    match &open.op.action {
        Action::Send { body, .. } => {
            let id = MessageId(open.op.id.0);
            if !at_newest || messages::is_held(conn, id)? {
                return Ok(());
            }
            items.push(TimelineItem {
                id,
                seq: None,
                sender_id: me.0,
                sender: me.1.into(),
                own: true,
                body: body.clone(),
                sent_at: open.created_at,
                edited: false,
                deleted: false,
                delivery,
            });
        }
        Action::Edit { message_id, body, .. } => {
            if let Some(item) = items.iter_mut().find(|item| item.id == *message_id) {
                item.body.clone_from(body);
                item.edited = true;
                item.delivery = delivery;
            }
        }
        Action::Delete { message_id } => {
            if let Some(item) = items.iter_mut().find(|item| item.id == *message_id) {
                item.deleted = open.state == OpState::Waiting;
                item.delivery = delivery;
            }
        }
        _ => {}
    }
    Ok(())
}

impl Store {
    /// Where a message is, if the mirror has it.
    pub fn find_message(&self, id: MessageId) -> Result<Option<Seq>> {
        self.mirror.read(|conn| Ok(messages::find(conn, id)?.map(|key| Seq(seq_of(key)))))
    }

    /// Whether the mirror has the conversation.
    pub fn has_conversation(&self, id: ConversationId) -> Result<bool> {
        self.mirror.read(|conn| Ok(conversations::find(conn, id)?.is_some()))
    }
}
