//! Finds what a write contains for the first time: messages of others, and their reactions to this user's
//! messages. A page is applied once, because its cursor moves in the same transaction, so everything is
//! reported once, and the cursors are the positions of notifications, too.

use crate::changes::{NewItem, NewReaction};
use crate::error::Result;
use crate::mirror::{conversations, messages};
use parlour_protocol::{ConversationId, MessageRow, Reaction, UserId};
use rusqlite::{Connection, OptionalExtension};
use std::collections::BTreeSet;

parlour_sqlite::statements! {
    ME = "SELECT user_id FROM mirror WHERE only_row = 1";
    /// $1 key.
    IS_PRESENT = "SELECT 1 FROM messages WHERE key = $1";
}

/// The messages and reactions that the mirror does not have yet.
#[derive(Debug, Default)]
pub(crate) struct NewRows {
    /// The items.
    pub new_items: Vec<NewItem>,
    /// Whether there is a new message of this user among the rows.
    pub has_own: bool,
    /// The messages of this user with a new reaction: the key of each, and the number of the change.
    pub reacted: Vec<(i64, i64)>,
}

/// Returns the new messages and reactions of a page, before it is written.
pub(crate) fn of_page<'r>(
    conn: &Connection,
    (id, number): (ConversationId, i64),
    rows: impl Iterator<Item = &'r MessageRow>,
) -> Result<NewRows> {
    let mut new_rows = NewRows::default();
    let Some(me) = me(conn)? else { return Ok(new_rows) };
    // Rows below the floor are changes of older history.
    let floor = conversations::floor(conn, number)?;
    for row in rows.filter(|row| row.seq.0 >= floor) {
        let key = messages::key(number, row.seq.0);
        if row.sender_id == me {
            new_rows.has_own |= !is_present(conn, key)?;
            let reactions = reactions(conn, id, key, row, me)?;
            new_rows.reacted.extend(reactions.first().map(|reaction| (key, reaction.changed_seq)));
            new_rows.new_items.extend(reactions);
        } else if row.deleted_at.is_none() && !is_present(conn, key)? {
            new_rows.new_items.push(message(id, row));
        }
    }
    Ok(new_rows)
}

/// Returns the new messages of a bootstrap, before those of the mirror are cleared for it. Their positions may have
/// changed, so they are compared by their ids.
pub(crate) fn of_bootstrap<'r>(
    conn: &Connection,
    id: ConversationId,
    rows: impl Iterator<Item = &'r MessageRow>,
) -> Result<Vec<NewItem>> {
    let mut new_items = Vec::new();
    let Some(me) = me(conn)? else { return Ok(new_items) };
    for row in rows.filter(|row| row.sender_id != me && row.deleted_at.is_none()) {
        if !messages::is_present(conn, row.id)? {
            new_items.push(message(id, row));
        }
    }
    Ok(new_items)
}

fn me(conn: &Connection) -> Result<Option<UserId>> {
    Ok(conn.prepare_cached(ME)?.query_row([], |row| row.get(0).map(UserId)).optional()?)
}

fn message(conversation: ConversationId, row: &MessageRow) -> NewItem {
    NewItem {
        conversation,
        message: row.id,
        seq: row.seq,
        changed_seq: row.changed_seq,
        reaction: None,
    }
}

fn is_present(conn: &Connection, key: i64) -> Result<bool> {
    Ok(conn.prepare_cached(IS_PRESENT)?.query_row([key], |_| Ok(())).optional()?.is_some())
}

/// Returns the reactions of others to a message of this user that the mirror does not have yet. Those whose
/// author the server does not name, in large conversations, are left out.
fn reactions(
    conn: &Connection,
    conversation: ConversationId,
    key: i64,
    row: &MessageRow,
    me: UserId,
) -> Result<Vec<NewItem>> {
    if row.reactions.is_empty() {
        return Ok(Vec::new());
    }
    let Some(stored) = messages::reactions(conn, key)? else { return Ok(Vec::new()) };
    let known = named(&stored).collect::<BTreeSet<_>>();
    let new = named(&row.reactions).filter(|item| item.by != me && !known.contains(item));
    Ok(new.map(|item| NewItem { reaction: Some(item), ..message(conversation, row) }).collect())
}

fn named(reactions: &[Reaction]) -> impl Iterator<Item = NewReaction> {
    reactions.iter().flat_map(|reaction| {
        reaction.users.iter().map(|by| NewReaction { by: *by, emoji: reaction.emoji.clone() })
    })
}
