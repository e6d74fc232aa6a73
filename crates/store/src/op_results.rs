//! The results of sending an op.

use crate::changes::Changes;
use crate::error::Result;
use crate::outbox::ops;
use crate::store::Store;
use parlour_protocol::{Action, ErrorCode, MessageId, Millis, Op, OpId, Problem, UserId};
use rusqlite::{OptionalExtension, Row};

parlour_sqlite::statements! {
    /// $1 id.
    TRIED = "UPDATE ops SET tried = 1 WHERE id = $1 AND tried = 0";
    /// $1 id.
    SENT = "UPDATE ops SET state = 'sent', code = NULL, reason = NULL WHERE id = $1";
    /// $1 new id, $2 code, $3 id. Once per op: a second such response refuses it.
    RENEW = "UPDATE ops SET id = $1, tried = 0, state = 'waiting', code = $2, reason = NULL
        WHERE id = $3 AND code IS NULL";
    /// $1 code, $2 reason as JSON, $3 id.
    REFUSE = "UPDATE ops SET state = 'refused', code = $1, reason = $2 WHERE id = $3";
    /// $1 id. Skips an op that the server may already have.
    MEMBERS_UNTIL = "SELECT members_until FROM ops WHERE id = $1 AND tried = 0";
}

// Reads the ops sent in the last 30 days, if somebody joined after a message was written offline.
const ADDED_BEFORE: &str = "SELECT action FROM ops
    WHERE conversation_id = $1 AND position < (SELECT position FROM ops WHERE id = $2)
        AND json_extract(action, '$.type') = 'addMember'";

impl Store {
    /// Returns the time at which the newest member known to the author of a message joined, if it was stored
    /// and the message was not tried yet.
    pub fn members_until(&self, id: OpId) -> Result<Option<Millis>> {
        self.outbox.with_conn(|conn| {
            let read = |row: &Row<'_>| row.get::<_, Option<i64>>("members_until");
            let until = conn.prepare_cached(MEMBERS_UNTIL)?.query_row([id.0], read).optional()?;
            Ok(until.flatten().map(Millis))
        })
    }

    /// Returns the people whom this user had added to the conversation before this op, in the last 30 days.
    pub fn added_before(&self, op: &Op) -> Result<Vec<UserId>> {
        self.outbox.with_conn(|conn| {
            let mut statement = conn.prepare(ADDED_BEFORE)?;
            let mut rows = statement.query((op.conversation_id.0, op.id.0))?;
            let mut added = Vec::new();
            while let Some(row) = rows.next()? {
                let action = row.get_ref("action")?.as_str().unwrap_or_default();
                if let Action::AddMember { user_id } = serde_json::from_str(action)? {
                    added.push(user_id);
                }
            }
            Ok(added)
        })
    }

    /// Records that the server may have the op from now on.
    pub fn mark_tried(&self, id: OpId) -> Result<()> {
        self.outbox.with_conn(|conn| Ok(conn.prepare_cached(TRIED)?.execute([id.0]).map(drop)?))
    }

    /// Records that the server has performed the op. The mirror already has its rows.
    pub fn confirm(&self, op: &Op) -> Result<Changes> {
        self.outbox.with_conn(|conn| {
            // A transient op need not be sent again later.
            if op.action.rules().is_transient {
                return ops::delete(conn, op.id);
            }
            Ok(conn.prepare_cached(SENT)?.execute([op.id.0]).map(drop)?)
        })?;
        Ok(Changes::of_conversation(op.conversation_id).with_outbox())
    }

    /// Records that the server refused the op, and why. A transient op is deleted. If another person has used a
    /// message's id while the server had lost the message, the message gets a new id and waits again.
    pub fn refuse(&self, op: &Op, problem: &Problem) -> Result<Changes> {
        let reason = problem.reason.as_ref().map(serde_json::to_string).transpose()?;
        let is_id_taken = problem.code == ErrorCode::OpConflict
            && matches!(op.action, Action::Send { .. })
            && self.belongs_to_another(MessageId(op.id.0))?;
        let is_renewed = self.outbox.with_conn(|conn| {
            if op.action.rules().is_transient {
                return ops::delete(conn, op.id).map(|()| false);
            }
            let code = problem.code.to_string();
            if is_id_taken {
                let renewed = (OpId::new().0, &code, op.id.0);
                if conn.prepare_cached(RENEW)?.execute(renewed)? > 0 {
                    return Ok(true);
                }
            }
            conn.prepare_cached(REFUSE)?.execute((&code, reason, op.id.0))?;
            Ok(false)
        })?;
        let mut changes = Changes::of_conversation(op.conversation_id).with_outbox();
        if is_renewed {
            changes.requeued.insert(op.conversation_id);
        }
        Ok(changes)
    }
}
