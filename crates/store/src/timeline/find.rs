//! Finds a message by its id or its time.

use super::bounds::{Bounds, bounds};
use super::page::MessagePosition;
use crate::error::Result;
use crate::mirror::messages::{self, seq_of};
use crate::store::Store;
use parlour_protocol::{ConversationId, MessageId, Millis, Seq};
use rusqlite::OptionalExtension;

parlour_sqlite::statements! {
    /// $1 number.
    CONVERSATION_OF = "SELECT id FROM conversations WHERE number = $1";
    /// $1 first key, $2 last key.
    NEXT = "SELECT key, sent_at FROM messages WHERE key BETWEEN $1 AND $2 ORDER BY key LIMIT 1";
}

impl Store {
    /// Returns the position of a message, if the mirror has it.
    pub fn find_message(&self, id: MessageId) -> Result<Option<MessagePosition>> {
        self.mirror.read(|conn| {
            let Some(key) = messages::find(conn, id)? else { return Ok(None) };
            let find = |row: &rusqlite::Row<'_>| row.get("id").map(ConversationId);
            let conversation_id =
                conn.prepare_cached(CONVERSATION_OF)?.query_row([key >> 32], find)?;
            Ok(Some(MessagePosition { conversation_id, seq: Seq(seq_of(key)) }))
        })
    }

    /// Returns the first present message that was sent at `time` or later; `None` if all are older.
    /// Examines only a few messages, because those of a conversation are in the order of time.
    pub fn first_since(&self, id: ConversationId, time: Millis) -> Result<Option<Seq>> {
        self.mirror.read(|conn| {
            let Bounds { number, last, floor } = bounds(conn, id)?;
            let (mut low, mut high) = (floor.max(1), last + 1);
            let after = |seq: i64| -> Result<Option<(i64, i64)>> {
                let params = (messages::key(number, seq), messages::key(number, last));
                let read = |row: &rusqlite::Row<'_>| Ok((row.get("key")?, row.get("sent_at")?));
                Ok(conn.prepare_cached(NEXT)?.query_row(params, read).optional()?)
            };
            // A position may have no message: the next present one decides.
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
}
