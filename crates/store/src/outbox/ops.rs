//! Actions of the user: the outbox's table `ops`.

use crate::error::Result;
use parlour_protocol::{Action, ConversationId, ErrorCode, Millis, Op, OpId, Reason};
use rusqlite::{Connection, Row, Rows};

parlour_sqlite::statements! {
    PENDING = concat!("SELECT ", ops!(list), "
        FROM ops INDEXED BY ops_open WHERE state <> 'sent' ORDER BY position");
    /// $1 conversation.
    PENDING_IN = concat!("SELECT ", ops!(list), "
        FROM ops INDEXED BY ops_conversation WHERE state <> 'sent' AND conversation_id = $1
        ORDER BY position");
    /// $1 id.
    FIND = concat!("SELECT ", ops!(list), "
        FROM ops WHERE id = $1 AND state <> 'sent'");
    /// $1 id, $2 conversation, $3 action, $4 created, $5 members_until.
    INSERT = "INSERT INTO ops (id, conversation_id, action, created_at, members_until)
        VALUES ($1, $2, $3, $4, $5)";
    /// $1 id.
    DELETE = "DELETE FROM ops WHERE id = $1";
    REQUEUE_SENT = "UPDATE ops SET state = 'waiting' WHERE state = 'sent'";
}

/// The state of an op that is not done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OpState {
    /// It will be sent, or sent again.
    Waiting,
    /// The server refused it; it stays until it is retried, edited or discarded.
    Refused,
}

/// An op that is not done: it waits, or the server refused it.
#[derive(Debug, Clone, PartialEq)]
pub struct PendingOp {
    /// The op in the form in which it is sent.
    pub op: Op,
    /// The time at which the user did it.
    pub created_at: Millis,
    /// Its state.
    pub state: OpState,
    /// Whether the server may have it already.
    pub tried: bool,
    /// The code of the refusal.
    pub code: Option<ErrorCode>,
    /// The exact reason of the refusal, where the code is not specific enough.
    pub reason: Option<Reason>,
}

impl Eq for PendingOp {}

/// Returns all ops that wait or were refused, in the order in which they were done.
pub(crate) fn pending(conn: &Connection) -> Result<Vec<PendingOp>> {
    collect(conn.prepare_cached(PENDING)?.query([])?)
}

/// Same as [`pending`], but in one conversation.
pub(crate) fn pending_in(conn: &Connection, id: ConversationId) -> Result<Vec<PendingOp>> {
    collect(conn.prepare_cached(PENDING_IN)?.query([id.0])?)
}

/// Returns an op that waits or was refused.
pub(crate) fn find(conn: &Connection, id: OpId) -> Result<Option<PendingOp>> {
    Ok(collect(conn.prepare_cached(FIND)?.query([id.0])?)?.into_iter().next())
}

/// Appends an op. For `members_until` see `outbox.sql`.
pub(crate) fn insert(
    conn: &Connection,
    op: &Op,
    now: Millis,
    members_until: Option<Millis>,
) -> Result<()> {
    let action = serde_json::to_string(&op.action)?;
    let until = members_until.map(|until| until.0);
    let params = (op.id.0, op.conversation_id.0, action, now.0, until);
    conn.prepare_cached(INSERT)?.execute(params)?;
    Ok(())
}

/// Deletes an op in any state.
pub(crate) fn delete(conn: &Connection, id: OpId) -> Result<()> {
    conn.prepare_cached(DELETE)?.execute([id.0])?;
    Ok(())
}

/// Puts all sent ops back into the state `waiting`.
pub(crate) fn requeue_sent(conn: &Connection) -> Result<()> {
    conn.execute(REQUEUE_SENT, [])?;
    Ok(())
}

/// Collects the ops of all rows.
fn collect(mut rows: Rows<'_>) -> Result<Vec<PendingOp>> {
    let mut ops = Vec::new();
    while let Some(row) = rows.next()? {
        ops.push(read(row)?);
    }
    Ok(ops)
}

fn read(row: &Row<'_>) -> Result<PendingOp> {
    let action: Action = serde_json::from_str(row.get_ref("action")?.as_str().unwrap_or_default())?;
    let (state, code): (String, Option<String>) = (row.get("state")?, row.get("code")?);
    let reason: Option<String> = row.get("reason")?;
    let code = code.map(|code| serde_json::from_value(code.into())).transpose()?;
    Ok(PendingOp {
        op: Op {
            id: OpId(row.get("id")?),
            conversation_id: ConversationId(row.get("conversation_id")?),
            action,
        },
        created_at: Millis(row.get("created_at")?),
        state: if state == "refused" { OpState::Refused } else { OpState::Waiting },
        tried: row.get("tried")?,
        code,
        // An earlier version stored the server's sentence in this column.
        reason: reason.and_then(|json| serde_json::from_str(&json).ok()),
    })
}
