//! A range of a conversation as it is shown: the mirror's messages, overlaid with the ops in the outbox.

use super::bounds::{Bounds, bounds};
use super::item::TimelineItem;
use super::page::{Position, TimelinePage};
use super::{overlay, rows};
use crate::error::Result;
use crate::mirror::{messages, users};
use crate::store::Store;
use parlour_protocol::{ConversationId, Seq};
use rusqlite::Connection;

parlour_sqlite::statements! {
    /// $1 first key, $2 before key, $3 limit.
    BEFORE = concat!("SELECT ", shown_message!(), "
        FROM messages CROSS JOIN users ON users.number = messages.sender
            LEFT JOIN saved ON saved.message_id = messages.id
        WHERE messages.key >= $1 AND messages.key < $2
        ORDER BY messages.key DESC LIMIT $3");
    /// $1 after key, $2 last key, $3 limit.
    AFTER = concat!("SELECT ", shown_message!(), "
        FROM messages CROSS JOIN users ON users.number = messages.sender
            LEFT JOIN saved ON saved.message_id = messages.id
        WHERE messages.key > $1 AND messages.key <= $2
        ORDER BY messages.key LIMIT $3");
}

impl Store {
    /// Returns a range of at most `limit` messages, and those that wait.
    pub fn timeline(
        &self,
        id: ConversationId,
        position: Position,
        limit: i64,
    ) -> Result<TimelinePage> {
        let account = self.account()?;
        // Read before the mirror: a message that is confirmed in between is then in both, not in
        // neither.
        let pending = self.outbox.pending_ops_in(id)?;
        self.mirror.read(|conn| {
            let bounds = bounds(conn, id)?;
            let mut items = read_page(conn, &bounds, position, limit)?;
            let (first, last) = (items.first(), items.last());
            let seq = |item: &TimelineItem| item.seq.map_or(0, |seq| seq.0);
            let floor = first.map_or(bounds.floor, seq);
            let reached = last.map_or(bounds.last, seq);
            let at_newest = position == Position::Newest || reached >= bounds.last;
            let at_oldest = floor <= 1;
            let missing_older = !at_oldest && floor <= bounds.floor;
            let known = users::person(conn, account.user_id)?.map(|me| me.name);
            let name = known.filter(|name| !name.is_empty()).unwrap_or(account.username);
            for op in &pending {
                overlay::overlay(conn, &mut items, op, (account.user_id, &name), at_newest)?;
            }
            Ok(TimelinePage { items, at_oldest, at_newest, missing_older })
        })
    }
}

fn read_page(
    conn: &Connection,
    bounds: &Bounds,
    position: Position,
    limit: i64,
) -> Result<Vec<TimelineItem>> {
    // Below the floor there may be a changed message, with a gap above it.
    let (_, high) = messages::range(bounds.number);
    let low = messages::key(bounds.number, bounds.floor);
    let before = |before: i64, limit: i64| -> Result<Vec<TimelineItem>> {
        let mut items = rows::read_all(conn, BEFORE, (low, before, limit))?;
        items.reverse();
        Ok(items)
    };
    let after = |after: i64, limit: i64| rows::read_all(conn, AFTER, (after, high, limit));
    let key = |seq: Seq| messages::key(bounds.number, seq.0);
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
