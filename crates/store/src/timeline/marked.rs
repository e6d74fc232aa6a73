//! The messages that are pinned to a conversation, and those that were saved for later.

use super::item::TimelineItem;
use super::page::SavedItem;
use super::rows;
use crate::error::Result;
use crate::mirror::{conversations, messages};
use crate::store::Store;
use parlour_protocol::ConversationId;

parlour_sqlite::statements! {
    /// $1 first key, $2 last key, $3 limit.
    PINNED = concat!("SELECT ", shown_message!(), "
        FROM messages INDEXED BY messages_pinned
            CROSS JOIN users ON users.number = messages.sender
            LEFT JOIN saved ON saved.message_id = messages.id
        WHERE messages.pinned_at IS NOT NULL AND messages.key BETWEEN $1 AND $2
        ORDER BY messages.key DESC LIMIT $3");
    /// $1 limit.
    SAVED = concat!("SELECT ", shown_message!(), ", saved.conversation_id
        FROM saved INDEXED BY saved_saved_at
            CROSS JOIN messages ON substr(messages.id, 1, 8) = substr(saved.message_id, 1, 8)
                AND messages.id = saved.message_id
            CROSS JOIN users ON users.number = messages.sender
        WHERE saved.saved_at IS NOT NULL
        ORDER BY saved.saved_at DESC LIMIT $1");
}

impl Store {
    /// Returns the messages that are pinned to a conversation, newest first, at most `limit`.
    pub fn pinned(&self, id: ConversationId, limit: i64) -> Result<Vec<TimelineItem>> {
        self.mirror.read(|conn| {
            let Some(number) = conversations::find(conn, id)? else { return Ok(Vec::new()) };
            let (first, last) = messages::range(number);
            rows::read_all(conn, PINNED, (first, last, limit))
        })
    }

    /// Returns the saved messages that are present, the last saved one first, at most `limit`.
    pub fn saved(&self, limit: i64) -> Result<Vec<SavedItem>> {
        self.mirror.read(|conn| {
            let me = rows::me(conn)?;
            let mut statement = conn.prepare_cached(SAVED)?;
            let rows = statement.query_map([limit], |row| {
                let conversation = ConversationId(row.get("conversation_id")?);
                Ok((conversation, rows::from_row(row, me)?))
            })?;
            let (conversations, mut items): (Vec<_>, Vec<_>) =
                rows.collect::<rusqlite::Result<Vec<_>>>()?.into_iter().unzip();
            rows::add_names(conn, &mut items, me)?;
            let saved = conversations.into_iter().zip(items);
            Ok(saved.map(|(conversation_id, item)| SavedItem { conversation_id, item }).collect())
        })
    }
}
