//! The mirror's messages as they are shown.

use super::item::{Delivery, ItemReaction, Quote, TimelineItem};
use crate::error::Result;
use crate::mirror::messages::{self, seq_of};
use crate::mirror::users::{self, Person};
use crate::packed::Unpacked;
use parlour_protocol::{MessageId, Reaction, Seq, UserId};
use rusqlite::{Connection, OptionalExtension, Row};
use uuid::Uuid;

parlour_sqlite::statements! {
    ME = "SELECT user_id FROM mirror WHERE only_row = 1";
    /// $1 id.
    QUOTE = concat!("SELECT messages.key, ", shown_name!(), " AS sender, messages.body,
            messages.deleted_at
        FROM messages CROSS JOIN users ON users.number = messages.sender
        WHERE substr(messages.id, 1, 8) = substr($1, 1, 8) AND messages.id = $1");
}

/// Longest quote, in characters.
pub(super) const QUOTE_CHARS: usize = 200;

/// Reads a message from a statement that selects `shown_message`; [`add_names`] adds the rest.
pub(crate) fn from_row(row: &Row<'_>, me: UserId) -> rusqlite::Result<TimelineItem> {
    let message = messages::read(row)?;
    let named = |reaction: Reaction| ItemReaction {
        count: reaction.count,
        own: reaction.is_by(me).unwrap_or(false),
        names: reaction.users.iter().filter(|id| **id != me).map(ToString::to_string).collect(),
        emoji: reaction.emoji,
    };
    let unnamed = |id| Person { id, username: String::new(), name: String::new() };
    Ok(TimelineItem {
        id: message.id,
        seq: Some(message.seq),
        sender_id: message.sender_id,
        sender: row.get("sender_name")?,
        own: message.sender_id == me,
        blocks: parlour_markup::parse(&message.body),
        body: message.body,
        sent_at: message.sent_at,
        edited: message.edited_at.is_some(),
        deleted: message.deleted_at.is_some(),
        reply_to: message.reply_to.map(missing_quote),
        mentions_me: message.mentions.contains(&me) || message.mentions_all,
        mentions_all: message.mentions_all,
        mentions: message.mentions.into_iter().map(unnamed).collect(),
        files: message.files,
        reactions: message.reactions.into_iter().map(named).collect(),
        pinned: message.pinned_at.is_some(),
        saved: row.get::<_, Option<i64>>("saved_at")?.is_some(),
        delivery: Delivery::Sent,
    })
}

/// Adds the quoted messages, the names of those who are mentioned or who reacted, and marks the mentions.
pub(crate) fn add_names(conn: &Connection, items: &mut [TimelineItem], me: UserId) -> Result<()> {
    for item in items {
        if let Some(quote) = &mut item.reply_to {
            *quote = find_quote(conn, quote.id)?;
        }
        for person in &mut item.mentions {
            *person = users::person_or_unnamed(conn, person.id);
        }
        item.mark_mentions(conn);
        for name in item.reactions.iter_mut().flat_map(|reaction| &mut reaction.names) {
            let id = Uuid::parse_str(name).map(UserId).unwrap_or(me);
            *name = users::person_or_unnamed(conn, id).name;
        }
    }
    Ok(())
}

fn missing_quote(id: MessageId) -> Quote {
    Quote { id, seq: None, sender: String::new(), body: String::new(), deleted: false }
}

/// Returns the beginning of a quoted message, if it is present.
pub(super) fn find_quote(conn: &Connection, id: MessageId) -> Result<Quote> {
    let quote = conn.prepare_cached(QUOTE)?.query_row([id.0], |row| {
        let Unpacked(body) = row.get("body")?;
        Ok(Quote {
            id,
            seq: Some(Seq(seq_of(row.get("key")?))),
            sender: row.get("sender")?,
            body: body.chars().take(QUOTE_CHARS).collect(),
            deleted: row.get::<_, Option<i64>>("deleted_at")?.is_some(),
        })
    });
    Ok(quote.optional()?.unwrap_or_else(|| missing_quote(id)))
}

/// Returns the user of this mirror.
pub(super) fn me(conn: &Connection) -> Result<UserId> {
    Ok(conn.prepare_cached(ME)?.query_row([], |row| row.get(0).map(UserId))?)
}

/// Runs a statement that selects `shown_message` over a range of keys, with a limit.
pub(super) fn read_all(
    conn: &Connection,
    sql: &str,
    params: (i64, i64, i64),
) -> Result<Vec<TimelineItem>> {
    let me = me(conn)?;
    let mut statement = conn.prepare_cached(sql)?;
    let items = statement.query_map(params, |row| from_row(row, me))?;
    let mut items = items.collect::<rusqlite::Result<Vec<_>>>()?;
    add_names(conn, &mut items, me)?;
    Ok(items)
}
