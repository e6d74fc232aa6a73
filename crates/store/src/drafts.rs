//! What is being written. The mirror has what the server has; the outbox has what this device has
//! not told it yet, which is what its user sees. What two devices wrote without knowing of each
//! other the server puts one behind the other (see `Action::Draft`), so nothing of either is lost.

use crate::{Changes, Result, Store};
use parlour_protocol::{
    Action, ConversationId, DraftRow, MessageId, Millis, Op, OpDone, OpId, Row, text,
};
use rusqlite::{Connection, OptionalExtension};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use uuid::Uuid;

// Of the mirror.
parlour_sqlite::statements! {
    /// $1 conversation, $2 body, $3 reply_to, $4 changed_seq.
    APPLY = "INSERT INTO drafts (conversation_id, body, reply_to, changed_seq)
        VALUES ($1, $2, $3, $4)
        ON CONFLICT (conversation_id) DO UPDATE SET body = excluded.body,
            reply_to = excluded.reply_to, changed_seq = excluded.changed_seq
        WHERE excluded.changed_seq > drafts.changed_seq";
    /// $1 conversation.
    LEFT = "SELECT left_at IS NOT NULL FROM conversations WHERE id = $1";
    /// $1 conversation.
    KNOWN = "SELECT body, reply_to, changed_seq AS based_on FROM drafts
        WHERE conversation_id = $1";
}

// Once, after a restore of the server.
const ALL_KNOWN: &str =
    "SELECT conversation_id, body, reply_to, 0 AS based_on FROM drafts WHERE body <> ''";

// Of the outbox, which has as many as there are drafts that were not told yet: few.
const ALL_LOCAL: &str = "SELECT conversation_id, body, reply_to, based_on FROM drafts";
/// $1 conversation.
const LOCAL: &str = "SELECT body, reply_to, based_on FROM drafts WHERE conversation_id = $1";
/// $1 conversation, $2 body, $3 reply_to, $4 based_on, $5 updated.
const SET: &str = "INSERT INTO drafts (conversation_id, body, reply_to, based_on, updated_at)
    VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (conversation_id) DO UPDATE SET body = excluded.body,
        reply_to = excluded.reply_to, based_on = excluded.based_on,
        updated_at = excluded.updated_at";
/// $1 body, $2 reply_to, $3 based_on, $4 conversation.
const REBASE: &str = "UPDATE drafts SET body = $1, reply_to = $2, based_on = $3
    WHERE conversation_id = $4";
/// $1 id.
const DELETE_OP: &str = "DELETE FROM ops WHERE id = $1";
/// Change numbers count anew.
pub(crate) const CONTINUE_NOTHING: &str = "UPDATE drafts SET based_on = 0";
/// $1 conversation.
const DELETE: &str = "DELETE FROM drafts WHERE conversation_id = $1";

/// What is being written in a conversation.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct Draft {
    /// The text.
    pub body: String,
    /// The message that it answers.
    pub reply_to: Option<MessageId>,
}

impl<T: Into<String>> From<T> for Draft {
    fn from(body: T) -> Self {
        Self { body: body.into(), reply_to: None }
    }
}

/// A draft that the server does not have yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Local {
    draft: Draft,
    based_on: i64,
}

impl Local {
    /// As its user sees it: nothing if it was emptied.
    pub fn shown(self) -> Option<Draft> {
        shown(Some(self.draft.body), self.draft.reply_to.map(|id| id.0))
    }
}

/// A draft as its user sees it.
pub(crate) fn shown(body: Option<String>, reply_to: Option<Uuid>) -> Option<Draft> {
    let reply_to = reply_to.map(MessageId);
    body.filter(|body| !body.is_empty() || reply_to.is_some()).map(|body| Draft { body, reply_to })
}

/// Writes what the server has, if it is newer than what is held.
pub(crate) fn apply(conn: &Connection, row: &DraftRow) -> Result<()> {
    let reply_to = row.reply_to.map(|id| id.0);
    let params = (row.conversation_id.0, &row.body, reply_to, row.changed_seq);
    conn.prepare_cached(APPLY)?.execute(params)?;
    Ok(())
}

/// Every draft of the outbox.
pub(crate) fn all(conn: &Connection) -> Result<HashMap<ConversationId, Local>> {
    let mut statement = conn.prepare_cached(ALL_LOCAL)?;
    let rows = statement
        .query_map([], |row| Ok((ConversationId(row.get("conversation_id")?), local(row)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn local(row: &rusqlite::Row<'_>) -> rusqlite::Result<Local> {
    let reply_to: Option<Uuid> = row.get("reply_to")?;
    let draft = Draft { body: row.get("body")?, reply_to: reply_to.map(MessageId) };
    Ok(Local { draft, based_on: row.get("based_on")? })
}

fn find(conn: &Connection, id: ConversationId) -> Result<Option<Local>> {
    Ok(conn.prepare_cached(LOCAL)?.query_row([id.0], local).optional()?)
}

/// Empties a draft, because what was written was sent.
pub(crate) fn clear(
    conn: &Connection,
    id: ConversationId,
    known: Option<&Local>,
    now: Millis,
) -> Result<()> {
    set(conn, id, &Draft::default(), known, now)
}

/// Keeps a draft in the outbox until the server has it; drops it there if it is what the server has.
fn set(
    conn: &Connection,
    id: ConversationId,
    draft: &Draft,
    known: Option<&Local>,
    now: Millis,
) -> Result<()> {
    if known.map_or(&Draft::default(), |known| &known.draft) == draft {
        conn.prepare_cached(DELETE)?.execute([id.0])?;
        return Ok(());
    }
    let before = find(conn, id)?;
    let based_on = before.as_ref().or(known).map_or(0, |local| local.based_on);
    let reply_to = draft.reply_to.map(|id| id.0);
    conn.prepare_cached(SET)?.execute((id.0, &draft.body, reply_to, based_on, now.0))?;
    Ok(())
}

/// The mirror's drafts, which a restored server may not have any more.
pub(crate) fn known(conn: &Connection) -> Result<Vec<(ConversationId, Draft)>> {
    let mut statement = conn.prepare(ALL_KNOWN)?;
    let rows = statement.query_map([], |row| {
        Ok((ConversationId(row.get("conversation_id")?), local(row)?.draft))
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Takes over what a restored server may not have any more, unless something newer is there.
pub(crate) fn take_over(conn: &Connection, drafts: &[(ConversationId, Draft)]) -> Result<()> {
    for (id, draft) in drafts {
        if find(conn, *id)?.is_none() {
            set(conn, *id, draft, None, Millis(0))?;
        }
    }
    Ok(())
}

fn is_left(conn: &Connection, id: ConversationId) -> Result<bool> {
    let left = conn.prepare_cached(LEFT)?.query_row([id.0], |row| row.get(0)).optional()?;
    Ok(left.unwrap_or(false))
}

impl Store {
    /// Keeps what is being written. On the disk when it returns; [`Store::share_draft`] lets the
    /// server know.
    pub fn set_draft(&self, id: ConversationId, draft: &Draft, now: Millis) -> Result<Changes> {
        let is_blank = draft.body.trim().is_empty();
        let body = if is_blank { String::new() } else { draft.body.clone() };
        let draft = Draft { body, reply_to: draft.reply_to };
        let known = self.known_draft(id)?;
        self.outbox.take(|conn| {
            let tx = conn.unchecked_transaction()?;
            set(&tx, id, &draft, known.as_ref(), now)?;
            Ok(tx.commit()?)
        })?;
        Ok(Changes::of(id))
    }

    /// The conversations whose drafts the server does not have yet.
    pub fn drafts_to_share(&self) -> Result<Vec<ConversationId>> {
        Ok(self.outbox.with(all)?.into_keys().collect())
    }

    /// Puts a draft that the server does not have into the outbox's line, in the place of one that
    /// waits there untried. Nothing if there is none, if the server may just be getting one, if one left
    /// the conversation, or if it is more than the server takes: then it is kept here alone.
    pub fn share_draft(&self, id: ConversationId, op_id: OpId, now: Millis) -> Result<Option<Op>> {
        if self.mirror.read(|conn| is_left(conn, id))? {
            return Ok(None);
        }
        let Some(Local { draft, based_on }) = self.outbox.with(|conn| find(conn, id))? else {
            return Ok(None);
        };
        let Draft { body, reply_to } = draft;
        if text::check_draft(&body).is_err() {
            return Ok(None);
        }
        let action = Action::Draft { body, reply_to, based_on: Some(based_on) };
        let open = self.outbox.open_ops_in(id)?;
        let is_draft = |action: &Action| matches!(action, Action::Draft { .. });
        if open
            .iter()
            .any(|open| is_draft(&open.op.action) && (open.tried || open.op.action == action))
        {
            return Ok(None);
        }
        let op = Op { id: op_id, conversation_id: id, action };
        self.enqueue(&op, now)?;
        Ok(Some(op))
    }

    /// Lets go of a draft that the server has now, and of the op that told it, in one write; what was
    /// written since goes on from there.
    pub fn settle_draft(&self, op: &Op, done: &OpDone) -> Result<()> {
        let Action::Draft { body, reply_to, .. } = &op.action else { return Ok(()) };
        let draft = |row: &Row| if let Row::Draft(row) = row { Some(row.clone()) } else { None };
        let Some(row) = done.rows.iter().find_map(draft) else { return Ok(()) };
        let id = op.conversation_id;
        self.outbox.with(|conn| {
            let tx = conn.unchecked_transaction()?;
            tx.prepare_cached(DELETE_OP)?.execute([op.id.0])?;
            let written = find(&tx, id)?.map(|local| local.draft);
            if written.as_ref().is_some_and(|now| now.body == *body && now.reply_to == *reply_to) {
                tx.prepare_cached(DELETE)?.execute([id.0])?;
            } else if let Some(draft) = written
                && let Some(theirs) = row.body.strip_suffix(body.as_str())
                && (theirs.is_empty() || !body.is_empty())
            {
                // What another device wrote stands in front of what was sent, and of what this became.
                let (body, reply_to) = (format!("{theirs}{}", draft.body), draft.reply_to);
                tx.prepare_cached(REBASE)?.execute((
                    body,
                    reply_to.map(|id| id.0),
                    row.changed_seq,
                    id.0,
                ))?;
            }
            Ok(tx.commit()?)
        })
    }

    /// A draft as the server has it.
    pub(crate) fn known_draft(&self, id: ConversationId) -> Result<Option<Local>> {
        self.mirror.read(|conn| known_in(conn, id))
    }
}

/// The same, of a mirror.
pub(crate) fn known_in(conn: &Connection, id: ConversationId) -> Result<Option<Local>> {
    Ok(conn.prepare_cached(KNOWN)?.query_row([id.0], local).optional()?)
}
