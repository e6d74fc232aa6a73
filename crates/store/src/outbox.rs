//! What the user did and the server does not have yet, and what is being written: `outbox.db`.
//! Every write here is on the disk before it returns.

use crate::files::lock_of;
use crate::gate::Gate;
use crate::salvage::{self, Salvage};
use crate::{Changes, Error, Result, Store, drafts};
use parlour_protocol::{
    Action, ConversationId, ErrorCode, MessageId, Millis, Op, OpId, SessionId, UserId,
};
use parlour_sqlite::{Key, Schema};
use rusqlite::{Connection, OptionalExtension, Row};
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

/// `outbox.db`.
pub(crate) const OUTBOX: Schema = Schema {
    application_id: 0x5041_524f, // "PARO"
    newest: include_str!("../outbox.sql"),
    migrations: &[include_str!("../outbox_2.sql"), include_str!("../outbox_3.sql")],
};

/// What was sent is offered again after a restore of the server for this long.
const OFFERED_AGAIN_MS: i64 = 30 * 24 * 3600 * 1000;

/// Forgotten at once, however late it is: a clock that is far ahead for a day costs two days' worth.
const AT_ONCE_MS: i64 = 2 * 24 * 3600 * 1000;

parlour_sqlite::statements! {
    ACCOUNT = "SELECT server, user_id, username, session_id FROM account WHERE only_row = 1";
    /// $1 server, $2 user, $3 username, $4 session.
    SET_ACCOUNT = "INSERT INTO account (only_row, server, user_id, username, session_id)
        VALUES (1, $1, $2, $3, $4)
        ON CONFLICT (only_row) DO UPDATE SET server = excluded.server, user_id = excluded.user_id,
            username = excluded.username, session_id = excluded.session_id, revoked = 0";
    /// $1 id, $2 conversation, $3 action, $4 created, $5 members_until.
    INSERT = "INSERT INTO ops (id, conversation_id, action, created_at, members_until)
        VALUES ($1, $2, $3, $4, $5)";
    OPEN = "SELECT id, conversation_id, action, created_at, state, tried, code, reason
        FROM ops INDEXED BY ops_open WHERE state <> 'sent' ORDER BY position";
    /// $1 conversation.
    OPEN_IN = "SELECT id, conversation_id, action, created_at, state, tried, code, reason
        FROM ops INDEXED BY ops_conversation WHERE state <> 'sent' AND conversation_id = $1
        ORDER BY position";
    /// $1 id.
    FIND = "SELECT id, conversation_id, action, created_at, state, tried, code, reason
        FROM ops WHERE id = $1 AND state <> 'sent'";
    /// $1 id.
    TRIED = "UPDATE ops SET tried = 1 WHERE id = $1 AND tried = 0";
    /// $1 id.
    SENT = "UPDATE ops SET state = 'sent', code = NULL, reason = NULL WHERE id = $1";
    /// $1 id.
    DELETE = "DELETE FROM ops WHERE id = $1";
    /// $1 id. Not what the server may already have.
    DISCARD = "DELETE FROM ops
        WHERE id = $1 AND (state = 'refused' OR (state = 'waiting' AND tried = 0))";
    /// $1 new id, $2 code, $3 id. Once: who gets the same answer again is told.
    RENEW = "UPDATE ops SET id = $1, tried = 0, state = 'waiting', code = $2, reason = NULL
        WHERE id = $3 AND code IS NULL";
    /// $1 code, $2 reason, $3 id.
    REFUSE = "UPDATE ops SET state = 'refused', code = $1, reason = $2 WHERE id = $3";
    /// $1 id.
    RETRY = "UPDATE ops SET state = 'waiting', code = NULL, reason = NULL, members_until = NULL
        WHERE id = $1 AND state = 'refused'";
    /// $1 action, $2 id. Not what the server may already have.
    REWRITE = "UPDATE ops SET action = $1, state = 'waiting', code = NULL, reason = NULL
        WHERE id = $2 AND (state = 'refused' OR (state = 'waiting' AND tried = 0))";
    /// $1 id. Not of what the server may already have.
    MEMBERS_UNTIL = "SELECT members_until FROM ops WHERE id = $1 AND tried = 0";
    OLDEST_SENT = "SELECT min(created_at) FROM ops WHERE state = 'sent'";
    /// $1 before.
    FORGET_SENT = "DELETE FROM ops WHERE state = 'sent' AND created_at < $1";
    OFFER_AGAIN = "UPDATE ops SET state = 'waiting' WHERE state = 'sent'";
    EPOCH = "SELECT epoch FROM account WHERE only_row = 1";
    /// $1 epoch.
    SET_EPOCH = "UPDATE account SET epoch = $1 WHERE only_row = 1";
}

// Reads a row a conversation of the mirror, and what was sent in 30 days: when the app starts, and when one was
// removed and told to keep nothing.
const PURGED: &str = "SELECT id FROM conversations WHERE purged = 1";
const FORGET_SENT_IN: &str = "DELETE FROM ops WHERE state = 'sent' AND conversation_id = $1";
const FORGET_DRAFT_IN: &str = "DELETE FROM drafts WHERE conversation_id = $1";

// Reads what was sent in 30 days, where somebody has joined since a message was written without the server.
const ADDED_BEFORE: &str = "SELECT action FROM ops
    WHERE conversation_id = $1 AND position < (SELECT position FROM ops WHERE id = $2)
        AND json_extract(action, '$.type') = 'addMember'";

/// Who is signed in here. The token is in the keychain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// The server's address, without a slash at the end.
    pub server: String,
    /// Who.
    pub user_id: UserId,
    /// As the account has it.
    pub username: String,
    /// This device's session.
    pub session_id: SessionId,
}

/// Where an op that is not done stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OpState {
    /// Will be sent, or sent again.
    Waiting,
    /// The server refused it; it stays until it is retried, edited or discarded.
    Refused,
}

/// An op that is not done.
#[derive(Debug, Clone, PartialEq)]
pub struct OpenOp {
    /// The op itself.
    pub op: Op,
    /// When the user did it.
    pub created_at: Millis,
    /// Where it stands.
    pub state: OpState,
    /// Whether the server may have it already.
    pub tried: bool,
    /// Why it was refused.
    pub code: Option<ErrorCode>,
    /// In words.
    pub reason: Option<String>,
}

impl Eq for OpenOp {}

/// Whether everything that waits can be read.
pub(crate) fn are_readable(conn: &Connection) -> bool {
    let read = || collect(conn.prepare_cached(OPEN)?.query([])?);
    read().is_ok()
}

pub(crate) struct Outbox {
    conn: Mutex<Connection>,
    salvage: Option<Salvage>,
    pub gate: Gate,
    /// Whether nothing new is taken; changed and read with the connection in hand.
    is_sealed: AtomicBool,
}

impl Outbox {
    pub fn open(folder: &Path, key: &Key) -> Result<Self> {
        let (conn, salvage) = salvage::open(folder, key)?;
        Ok(Self::over(conn, salvage))
    }

    pub fn in_memory(image: Option<&[u8]>) -> Result<Self> {
        Ok(Self::over(parlour_sqlite::open_in_memory(&OUTBOX, image)?, None))
    }

    fn over(conn: Connection, salvage: Option<Salvage>) -> Self {
        let (conn, gate, is_sealed) = (Mutex::new(conn), Gate::default(), AtomicBool::new(false));
        Self { conn, salvage, gate, is_sealed }
    }

    /// Lets go of the file; nobody is inside.
    pub fn let_go(&self) -> Result<()> {
        *lock_of(&self.conn) = Connection::open_in_memory()?;
        Ok(())
    }

    pub fn image(&self) -> Result<Vec<u8>> {
        Ok(lock_of(&self.conn).serialize(rusqlite::MAIN_DB)?.to_vec())
    }

    /// What was done about damage when it was opened.
    pub fn salvage(&self) -> Option<&Salvage> {
        self.salvage.as_ref()
    }

    /// Copies it, if the last copy is a day old.
    pub fn copy(&self, folder: &Path) -> Result<()> {
        self.with(|conn| salvage::copy(conn, folder))
    }

    pub fn with<T>(&self, body: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        let _inside = self.gate.enter()?;
        body(&lock_of(&self.conn))
    }

    /// Takes something new.
    ///
    /// # Errors
    /// [`Error::Closed`] while nothing new is taken.
    pub fn take<T>(&self, body: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        self.with(|conn| {
            if self.is_sealed.load(Ordering::Acquire) {
                return Err(Error::Closed);
            }
            body(conn)
        })
    }

    pub fn account(&self) -> Result<Option<Account>> {
        self.with(|conn| {
            let account = conn.prepare_cached(ACCOUNT)?.query_row([], |row| {
                Ok(Account {
                    server: row.get("server")?,
                    user_id: UserId(row.get("user_id")?),
                    username: row.get("username")?,
                    session_id: SessionId(row.get("session_id")?),
                })
            });
            Ok(account.optional()?)
        })
    }

    pub fn set_account(&self, account: &Account) -> Result<()> {
        self.with(|conn| {
            let (user, session) = (account.user_id.0, account.session_id.0);
            conn.execute(SET_ACCOUNT, (&account.server, user, &account.username, session))?;
            Ok(())
        })
    }

    pub fn open_ops(&self) -> Result<Vec<OpenOp>> {
        self.with(|conn| collect(conn.prepare_cached(OPEN)?.query([])?))
    }

    pub fn open_ops_in(&self, conversation: ConversationId) -> Result<Vec<OpenOp>> {
        self.with(|conn| collect(conn.prepare_cached(OPEN_IN)?.query([conversation.0])?))
    }

    /// Lets what was sent in another epoch wait again. Drafts continue nothing that is known.
    pub fn begin_epoch(&self, epoch: &str) -> Result<()> {
        self.with(|conn| {
            let tx = conn.unchecked_transaction()?;
            let known: String = tx.query_row(EPOCH, [], |row| row.get("epoch"))?;
            if known != epoch {
                if !known.is_empty() {
                    tx.execute(OFFER_AGAIN, [])?;
                    // What they continue is counted anew; they are told again from what is written.
                    for open in collect(tx.prepare_cached(OPEN)?.query([])?)? {
                        if matches!(open.op.action, Action::Draft { .. }) {
                            tx.prepare_cached(DELETE)?.execute([open.op.id.0])?;
                        }
                    }
                    tx.execute(drafts::CONTINUE_NOTHING, [])?;
                }
                tx.execute(SET_EPOCH, [epoch])?;
            }
            Ok(tx.commit()?)
        })
    }
}

fn collect(mut rows: rusqlite::Rows<'_>) -> Result<Vec<OpenOp>> {
    let mut ops = Vec::new();
    while let Some(row) = rows.next()? {
        ops.push(from_row(row)?);
    }
    Ok(ops)
}

fn from_row(row: &Row<'_>) -> Result<OpenOp> {
    let action: Action = serde_json::from_str(row.get_ref("action")?.as_str().unwrap_or_default())?;
    let (state, code): (String, Option<String>) = (row.get("state")?, row.get("code")?);
    let code = code.map(|code| serde_json::from_value(code.into())).transpose()?;
    Ok(OpenOp {
        op: Op {
            id: OpId(row.get("id")?),
            conversation_id: ConversationId(row.get("conversation_id")?),
            action,
        },
        created_at: Millis(row.get("created_at")?),
        state: if state == "refused" { OpState::Refused } else { OpState::Waiting },
        tried: row.get("tried")?,
        code,
        reason: row.get("reason")?,
    })
}

/// Drops what waits to edit or delete a message that waits itself: it stands behind the message, so
/// that no server has it.
fn drop_changes(conn: &Connection, op: &Op) -> Result<()> {
    for open in collect(conn.prepare_cached(OPEN_IN)?.query([op.conversation_id.0])?)? {
        let changed = match open.op.action {
            Action::Edit { message_id, .. } | Action::Delete { message_id } => Some(message_id.0),
            _ => None,
        };
        if changed == Some(op.id.0) {
            conn.prepare_cached(DELETE)?.execute([open.op.id.0])?;
        }
    }
    Ok(())
}

impl Store {
    /// Keeps what the user did, in the place of what it takes back: of an older choice about the same
    /// thing nobody has to hear. On the disk when it returns.
    pub fn enqueue(&self, op: &Op, now: Millis) -> Result<Changes> {
        let action = serde_json::to_string(&op.action)?;
        self.outbox.take(|conn| {
            let tx = conn.unchecked_transaction()?;
            for open in collect(tx.prepare_cached(OPEN_IN)?.query([op.conversation_id.0])?)? {
                // A read position is the server's to keep as far as it goes, whatever comes first.
                let may_be_there = open.tried && open.state == OpState::Waiting;
                let is_free = !may_be_there || matches!(op.action, Action::Read { .. });
                if is_free && op.action.rules().replaces(&open.op.action.rules()) {
                    tx.prepare_cached(DELETE)?.execute([open.op.id.0])?;
                }
            }
            let params = (op.id.0, op.conversation_id.0, action, now.0, None::<i64>);
            tx.prepare_cached(INSERT)?.execute(params)?;
            Ok(tx.commit()?)
        })?;
        Ok(Changes::of(op.conversation_id).with_outbox())
    }

    /// Keeps a message and empties the conversation's draft, in one write. `members_until` is when the newest
    /// member joined whom its writer could know of, where it is to be asked before others may read it.
    pub fn enqueue_message(
        &self,
        op: &Op,
        now: Millis,
        members_until: Option<Millis>,
    ) -> Result<Changes> {
        let action = serde_json::to_string(&op.action)?;
        let known = self.known_draft(op.conversation_id)?;
        self.outbox.take(|conn| {
            let tx = conn.unchecked_transaction()?;
            drafts::clear(&tx, op.conversation_id, known.as_ref(), now)?;
            let until = members_until.map(|until| until.0);
            let params = (op.id.0, op.conversation_id.0, action, now.0, until);
            tx.prepare_cached(INSERT)?.execute(params)?;
            Ok(tx.commit()?)
        })?;
        Ok(Changes::of(op.conversation_id).with_outbox())
    }

    /// When the newest member joined whom the writer of a message could know of, if that was noted and the
    /// message was not tried yet.
    pub fn members_until(&self, id: OpId) -> Result<Option<Millis>> {
        self.outbox.with(|conn| {
            let read = |row: &Row<'_>| row.get::<_, Option<i64>>("members_until");
            let until = conn.prepare_cached(MEMBERS_UNTIL)?.query_row([id.0], read).optional()?;
            Ok(until.flatten().map(Millis))
        })
    }

    /// Whom one had added to the conversation oneself before one did this; the last 30 days are known.
    pub fn added_before(&self, op: &Op) -> Result<Vec<UserId>> {
        self.outbox.with(|conn| {
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

    /// Takes nothing new from here on: what is done or written fails with [`Error::Closed`] until
    /// [`Store::unseal`]. Answers everything that waits or was refused: whatever was accepted is among it.
    pub fn seal(&self) -> Result<Vec<OpenOp>> {
        self.outbox.with(|conn| {
            self.outbox.is_sealed.store(true, Ordering::Release);
            collect(conn.prepare_cached(OPEN)?.query([])?)
        })
    }

    /// Takes what is new again.
    pub fn unseal(&self) {
        self.outbox.is_sealed.store(false, Ordering::Release);
    }

    /// Everything that waits or was refused, in the order in which it was done.
    pub fn open_ops(&self) -> Result<Vec<OpenOp>> {
        self.outbox.open_ops()
    }

    /// An op that is not done.
    pub fn open_op(&self, id: OpId) -> Result<Option<OpenOp>> {
        self.outbox
            .with(|conn| Ok(collect(conn.prepare_cached(FIND)?.query([id.0])?)?.into_iter().next()))
    }

    /// Notes that the server may have it from here on.
    pub fn mark_tried(&self, id: OpId) -> Result<()> {
        self.outbox.with(|conn| Ok(conn.prepare_cached(TRIED)?.execute([id.0]).map(drop)?))
    }

    /// Notes that the server has it. The mirror has its rows already.
    pub fn confirm(&self, op: &Op) -> Result<Changes> {
        // These are worth nothing later.
        let statement = if op.action.rules().is_transient { DELETE } else { SENT };
        self.outbox.with(|conn| Ok(conn.prepare_cached(statement)?.execute([op.id.0])?))?;
        Ok(Changes::of(op.conversation_id).with_outbox())
    }

    /// Notes that the server refused it, and why. What was nobody's deed is dropped. A message whose id is
    /// somebody else's by now, who took it while the server had lost the message, waits again under another.
    pub fn refuse(&self, op: &Op, code: ErrorCode, reason: &str) -> Result<Changes> {
        let is_taken = code == ErrorCode::OpConflict
            && matches!(op.action, Action::Send { .. })
            && self.is_anothers(MessageId(op.id.0))?;
        let (is_renewed, _) = self.outbox.with(|conn| {
            if op.action.rules().is_transient {
                return Ok((false, conn.prepare_cached(DELETE)?.execute([op.id.0])?));
            }
            if is_taken {
                let renewed = (OpId::new().0, code.to_string(), op.id.0);
                let renewed = conn.prepare_cached(RENEW)?.execute(renewed)?;
                if renewed > 0 {
                    return Ok((true, renewed));
                }
            }
            Ok((false, conn.prepare_cached(REFUSE)?.execute((code.to_string(), reason, op.id.0))?))
        })?;
        let mut changes = Changes::of(op.conversation_id).with_outbox();
        if is_renewed {
            changes.offered.insert(op.conversation_id);
        }
        Ok(changes)
    }

    /// Lets a refused op wait again.
    pub fn retry(&self, op: &Op) -> Result<Changes> {
        self.outbox.take(|conn| Ok(conn.prepare_cached(RETRY)?.execute([op.id.0])?))?;
        Ok(Changes::of(op.conversation_id).with_outbox())
    }

    /// Drops an op, unless the server may have it already; answers whether it did. What waits behind
    /// a message to change it goes with it.
    pub fn discard(&self, op: &Op) -> Result<(bool, Changes)> {
        let dropped = self.outbox.with(|conn| {
            let tx = conn.unchecked_transaction()?;
            let dropped = tx.prepare_cached(DISCARD)?.execute([op.id.0])? > 0;
            if dropped {
                drop_changes(&tx, op)?;
            }
            tx.commit()?;
            Ok(dropped)
        })?;
        Ok((dropped, Changes::of(op.conversation_id).with_outbox()))
    }

    /// Changes what an op says, unless the server may have it already; answers whether it did. What
    /// waits behind a message to change it is older than this, and dropped.
    pub fn rewrite(&self, op: &Op) -> Result<(bool, Changes)> {
        let action = serde_json::to_string(&op.action)?;
        let changed = self.outbox.take(|conn| {
            let tx = conn.unchecked_transaction()?;
            let changed = tx.prepare_cached(REWRITE)?.execute((action, op.id.0))? > 0;
            if changed {
                drop_changes(&tx, op)?;
            }
            tx.commit()?;
            Ok(changed)
        })?;
        Ok((changed, Changes::of(op.conversation_id).with_outbox()))
    }

    /// Forgets what was said and written in conversations of which one was told to keep nothing. What never
    /// reached the server is its writer's, and stays until they drop it.
    pub fn forget_purged(&self) -> Result<()> {
        let purged: Vec<uuid::Uuid> = self.mirror.read(|conn| {
            let mut statement = conn.prepare(PURGED)?;
            let ids = statement.query_map([], |row| row.get("id"))?;
            Ok(ids.collect::<rusqlite::Result<_>>()?)
        })?;
        if purged.is_empty() {
            return Ok(());
        }
        self.outbox.with(|conn| {
            let tx = conn.unchecked_transaction()?;
            for id in &purged {
                tx.execute(FORGET_SENT_IN, [id])?;
                tx.execute(FORGET_DRAFT_IN, [id])?;
            }
            Ok(tx.commit()?)
        })
    }

    /// Forgets what was sent too long ago to be offered again.
    pub fn forget_sent(&self, now: Millis) -> Result<()> {
        self.outbox.with(|conn| {
            let oldest: Option<i64> =
                conn.prepare_cached(OLDEST_SENT)?.query_row([], |row| row.get(0))?;
            let at_once = oldest.map_or(i64::MAX, |oldest| oldest.saturating_add(AT_ONCE_MS));
            let before = (now.0 - OFFERED_AGAIN_MS).min(at_once);
            Ok(conn.execute(FORGET_SENT, [before]).map(drop)?)
        })
    }
}
