//! Drafts. The mirror contains the drafts that the server has; the outbox contains those that this device
//! changed and has not sent yet, which are shown instead. If two devices wrote concurrently,
//! the server joins the two texts (see `Action::Draft`), so nothing of either is lost.

use crate::changes::Changes;
use crate::draft::{BasedDraft, Draft};
use crate::error::Result;
use crate::mirror;
use crate::outbox::{drafts, ops};
use crate::store::Store;
use parlour_protocol::{Action, ConversationId, Millis, Op, OpDone, OpId, Row, text};
use rusqlite::{Connection, OptionalExtension};

parlour_sqlite::statements! {
    /// $1 conversation.
    LEFT = "SELECT left_at IS NOT NULL FROM conversations WHERE id = $1";
}

fn is_left(conn: &Connection, id: ConversationId) -> Result<bool> {
    let left = conn.prepare_cached(LEFT)?.query_row([id.0], |row| row.get(0)).optional()?;
    Ok(left.unwrap_or(false))
}

impl Store {
    /// Stores a draft. It is on the disk when this returns; [`Store::share_draft`] sends it to the
    /// server.
    pub fn set_draft(&self, id: ConversationId, draft: &Draft, now: Millis) -> Result<Changes> {
        let is_blank = draft.body.trim().is_empty();
        let body = if is_blank { String::new() } else { draft.body.clone() };
        let draft = Draft { body, reply_to: draft.reply_to };
        let known = self.mirror.read(|conn| mirror::drafts::find(conn, id))?;
        self.outbox.write_new(|conn| {
            let tx = conn.unchecked_transaction()?;
            drafts::set(&tx, id, &draft, known.as_ref(), now)?;
            Ok(tx.commit()?)
        })?;
        Ok(Changes::of_conversation(id))
    }

    /// Returns the conversations whose drafts the server does not have yet.
    pub fn drafts_to_share(&self) -> Result<Vec<ConversationId>> {
        Ok(self.outbox.with_conn(drafts::all)?.into_keys().collect())
    }

    /// Puts a draft that the server does not have into the outbox, replacing a draft op that waits
    /// there and was never tried. Returns `None` if there is no draft, if a draft may be in transit
    /// to the server right now, if this user left the conversation, or if the draft is larger than
    /// the server accepts: then it is stored on this device only.
    pub fn share_draft(&self, id: ConversationId, op_id: OpId, now: Millis) -> Result<Option<Op>> {
        if self.mirror.read(|conn| is_left(conn, id))? {
            return Ok(None);
        }
        let Some(BasedDraft { draft, based_on }) =
            self.outbox.with_conn(|conn| drafts::find(conn, id))?
        else {
            return Ok(None);
        };
        let Draft { body, reply_to } = draft;
        if text::check_draft(&body).is_err() {
            return Ok(None);
        }
        let action = Action::Draft { body, reply_to, based_on: Some(based_on) };
        let pending = self.outbox.pending_ops_in(id)?;
        let is_draft = |action: &Action| matches!(action, Action::Draft { .. });
        if pending.iter().any(|pending| {
            is_draft(&pending.op.action) && (pending.tried || pending.op.action == action)
        }) {
            return Ok(None);
        }
        let op = Op { id: op_id, conversation_id: id, action };
        self.enqueue(&op, now)?;
        Ok(Some(op))
    }

    /// Removes a draft that the server has now, and the op that sent it, in one write. Text that was written
    /// since stays and is based on the server's draft.
    pub fn confirm_draft(&self, op: &Op, done: &OpDone) -> Result<()> {
        let Action::Draft { body, reply_to, .. } = &op.action else { return Ok(()) };
        let draft = |row: &Row| if let Row::Draft(row) = row { Some(row.clone()) } else { None };
        let Some(row) = done.rows.iter().find_map(draft) else { return Ok(()) };
        let id = op.conversation_id;
        self.outbox.with_conn(|conn| {
            let tx = conn.unchecked_transaction()?;
            ops::delete(&tx, op.id)?;
            let written = drafts::find(&tx, id)?.map(|local| local.draft);
            if written.as_ref().is_some_and(|now| now.body == *body && now.reply_to == *reply_to) {
                drafts::delete(&tx, id)?;
            } else if let Some(draft) = written
                && let Some(other_text) = row.body.strip_suffix(body.as_str())
                && (other_text.is_empty() || !body.is_empty())
            {
                // The text of another device comes before the text that was sent, and so before the text that
                // was continued since.
                let body = format!("{other_text}{}", draft.body);
                drafts::rebase(&tx, id, &Draft { body, ..draft }, row.changed_seq)?;
            }
            Ok(tx.commit()?)
        })
    }
}
