//! Drafts that the server does not have yet: the outbox's table `drafts`, which is small.

use crate::draft::{BasedDraft, Draft};
use crate::error::Result;
use parlour_protocol::{ConversationId, MessageId, Millis};
use rusqlite::{Connection, OptionalExtension, Row};
use std::collections::HashMap;
use uuid::Uuid;

parlour_sqlite::statements! {
    /// $1 conversation.
    FIND = concat!("SELECT ", local_drafts!(list), " FROM drafts WHERE conversation_id = $1");
    SET = concat!("INSERT INTO drafts (", local_drafts!(list), ") VALUES (", local_drafts!(values), ")
        ON CONFLICT (conversation_id) DO UPDATE SET ", local_drafts!(excluded));
    /// $1 body, $2 reply_to, $3 based_on, $4 conversation.
    REBASE = "UPDATE drafts SET body = $1, reply_to = $2, based_on = $3
        WHERE conversation_id = $4";
    /// $1 conversation.
    DELETE = "DELETE FROM drafts WHERE conversation_id = $1";
}

// Reads as many rows as there are drafts that the server does not have yet: few.
const ALL_DRAFTS: &str = concat!("SELECT ", local_drafts!(list), " FROM drafts");
// Change numbers start again in another epoch.
const CLEAR_BASED_ON: &str = "UPDATE drafts SET based_on = 0";

/// Returns every draft of the outbox.
pub(crate) fn all(conn: &Connection) -> Result<HashMap<ConversationId, BasedDraft>> {
    let mut statement = conn.prepare_cached(ALL_DRAFTS)?;
    Ok(statement.query_map([], read)?.collect::<rusqlite::Result<_>>()?)
}

/// Returns the draft of a conversation.
pub(crate) fn find(conn: &Connection, id: ConversationId) -> Result<Option<BasedDraft>> {
    let found = conn.prepare_cached(FIND)?.query_row([id.0], read).optional()?;
    Ok(found.map(|(_, draft)| draft))
}

fn read(row: &Row<'_>) -> rusqlite::Result<(ConversationId, BasedDraft)> {
    let reply_to: Option<Uuid> = row.get("reply_to")?;
    let draft = Draft { body: row.get("body")?, reply_to: reply_to.map(MessageId) };
    let id = ConversationId(row.get("conversation_id")?);
    Ok((id, BasedDraft { draft, based_on: row.get("based_on")? }))
}

/// Empties a draft, because its text was sent.
pub(crate) fn clear(
    conn: &Connection,
    id: ConversationId,
    known: Option<&BasedDraft>,
    now: Millis,
) -> Result<()> {
    set(conn, id, &Draft::default(), known, now)
}

/// Stores a draft in the outbox until the server has it; deletes the stored one if `draft` equals
/// the server's.
pub(crate) fn set(
    conn: &Connection,
    id: ConversationId,
    draft: &Draft,
    known: Option<&BasedDraft>,
    now: Millis,
) -> Result<()> {
    if known.map_or(&Draft::default(), |known| &known.draft) == draft {
        return delete(conn, id);
    }
    let before = find(conn, id)?;
    let based_on = before.as_ref().or(known).map_or(0, |local| local.based_on);
    let reply_to = draft.reply_to.map(|id| id.0);
    conn.prepare_cached(SET)?.execute((id.0, &draft.body, reply_to, based_on, now.0))?;
    Ok(())
}

/// Stores drafts that a restored server may no longer have, unless a newer one is stored already.
pub(crate) fn insert_missing(conn: &Connection, drafts: &[(ConversationId, Draft)]) -> Result<()> {
    for (id, draft) in drafts {
        if find(conn, *id)?.is_none() {
            set(conn, *id, draft, None, Millis(0))?;
        }
    }
    Ok(())
}

/// Replaces a draft with one that is based on the server's current draft.
pub(crate) fn rebase(
    conn: &Connection,
    id: ConversationId,
    draft: &Draft,
    based_on: i64,
) -> Result<()> {
    let reply_to = draft.reply_to.map(|id| id.0);
    conn.prepare_cached(REBASE)?.execute((&draft.body, reply_to, based_on, id.0))?;
    Ok(())
}

/// Deletes the draft of a conversation.
pub(crate) fn delete(conn: &Connection, id: ConversationId) -> Result<()> {
    conn.prepare_cached(DELETE)?.execute([id.0])?;
    Ok(())
}

/// Clears the change on which each draft is based: change numbers start again in another epoch.
pub(crate) fn clear_based_on(conn: &Connection) -> Result<()> {
    conn.execute(CLEAR_BASED_ON, [])?;
    Ok(())
}
