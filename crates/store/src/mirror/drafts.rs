//! This user's drafts, as the server has them: the mirror's table `drafts`.

use crate::draft::{BasedDraft, Draft};
use crate::error::Result;
use parlour_protocol::{ConversationId, DraftRow, MessageId, Millis};
use rusqlite::{Connection, OptionalExtension, Row};
use uuid::Uuid;

parlour_sqlite::statements! {
    APPLY = concat!("INSERT INTO drafts (", drafts!(list), ") VALUES (", drafts!(values), ")
        ON CONFLICT (conversation_id) DO UPDATE SET ", drafts!(excluded), "
        WHERE excluded.changed_seq > drafts.changed_seq");
    /// $1 conversation.
    FIND = concat!("SELECT ", drafts!(list), " FROM drafts WHERE conversation_id = $1");
}

// Reads one row per conversation, once a day and after a restore of the server.
const ALL_DRAFTS: &str = concat!("SELECT ", drafts!(list), " FROM drafts");

/// Writes the server's draft, if it is newer than the stored one.
pub(crate) fn apply(conn: &Connection, row: &DraftRow) -> Result<()> {
    let reply_to = row.reply_to.map(|id| id.0);
    let params = (row.conversation_id.0, &row.body, reply_to, row.changed_seq);
    conn.prepare_cached(APPLY)?.execute(params)?;
    Ok(())
}

/// Returns the draft of a conversation.
pub(crate) fn find(conn: &Connection, id: ConversationId) -> Result<Option<BasedDraft>> {
    let row = conn.prepare_cached(FIND)?.query_row([id.0], read).optional()?;
    Ok(row.map(|row| BasedDraft { based_on: row.changed_seq, draft: draft(row) }))
}

/// Returns every row.
pub(crate) fn all(conn: &Connection) -> Result<Vec<DraftRow>> {
    let mut statement = conn.prepare(ALL_DRAFTS)?;
    Ok(statement.query_map([], read)?.collect::<rusqlite::Result<_>>()?)
}

/// Returns the drafts that are not empty.
pub(crate) fn non_empty(conn: &Connection) -> Result<Vec<(ConversationId, Draft)>> {
    let rows = all(conn)?.into_iter().filter(|row| !row.body.is_empty());
    Ok(rows.map(|row| (row.conversation_id, draft(row))).collect())
}

fn draft(row: DraftRow) -> Draft {
    Draft { body: row.body, reply_to: row.reply_to }
}

fn read(row: &Row<'_>) -> rusqlite::Result<DraftRow> {
    Ok(DraftRow {
        conversation_id: ConversationId(row.get("conversation_id")?),
        body: row.get("body")?,
        reply_to: row.get::<_, Option<Uuid>>("reply_to")?.map(MessageId),
        // The mirror does not store when it was written.
        updated_at: Millis(0),
        changed_seq: row.get("changed_seq")?,
    })
}
