//! User actions and drafts that the server does not have yet: `outbox.db` and its tables.

pub(crate) mod account;
pub(crate) mod drafts;
pub(crate) mod files;
pub(crate) mod ops;
pub(crate) mod salvage;
pub(crate) mod sent;

use crate::error::{Error, Result};
use crate::gate::Gate;
use crate::lock::lock_of;
use crate::schema::OUTBOX;
use account::Account;
use ops::PendingOp;
use parlour_protocol::{Action, ConversationId};
use parlour_sqlite::Key;
use rusqlite::Connection;
use salvage::Salvage;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

/// `outbox.db`: one connection for everything; each write is on the disk before it returns.
pub(crate) struct Outbox {
    conn: Mutex<Connection>,
    salvage: Option<Salvage>,
    pub gate: Gate,
    /// Whether new data is rejected; read and written only while holding the connection.
    rejects_new: AtomicBool,
}

impl Outbox {
    pub fn open(folder: &Path, key: &Key) -> Result<Self> {
        let (conn, salvage) = salvage::open(folder, key)?;
        Ok(Self::from_parts(conn, salvage))
    }

    pub fn in_memory(image: Option<&[u8]>) -> Result<Self> {
        Ok(Self::from_parts(parlour_sqlite::open_in_memory(&OUTBOX, image)?, None))
    }

    fn from_parts(conn: Connection, salvage: Option<Salvage>) -> Self {
        let (conn, gate, rejects_new) = (Mutex::new(conn), Gate::default(), AtomicBool::new(false));
        Self { conn, salvage, gate, rejects_new }
    }

    /// Closes the file; the gate must be empty.
    pub fn close(&self) -> Result<()> {
        *lock_of(&self.conn) = Connection::open_in_memory()?;
        Ok(())
    }

    pub fn image(&self) -> Result<Vec<u8>> {
        Ok(lock_of(&self.conn).serialize(rusqlite::MAIN_DB)?.to_vec())
    }

    /// Returns the result of the repair, if the outbox was damaged when it was opened.
    pub fn salvage(&self) -> Option<&Salvage> {
        self.salvage.as_ref()
    }

    /// Copies the outbox, if the last copy is a day old.
    pub fn copy(&self, folder: &Path) -> Result<()> {
        self.with_conn(|conn| salvage::copy(conn, folder))
    }

    pub fn with_conn<T>(&self, body: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        let _guard = self.gate.enter()?;
        body(&lock_of(&self.conn))
    }

    /// Runs `body`, which stores something new.
    ///
    /// # Errors
    /// Fails with [`Error::Closed`] while the outbox is closed to new data.
    pub fn write_new<T>(&self, body: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        self.with_conn(|conn| {
            if self.rejects_new.load(Ordering::Acquire) {
                return Err(Error::Closed);
            }
            body(conn)
        })
    }

    pub fn account(&self) -> Result<Option<Account>> {
        Ok(self.with_conn(account::find)?.map(|stored| stored.account))
    }

    pub fn set_account(&self, account: &Account) -> Result<()> {
        self.with_conn(|conn| account::set(conn, account))
    }

    pub fn pending_ops(&self) -> Result<Vec<PendingOp>> {
        self.with_conn(ops::pending)
    }

    pub fn pending_ops_in(&self, conversation: ConversationId) -> Result<Vec<PendingOp>> {
        self.with_conn(|conn| ops::pending_in(conn, conversation))
    }

    /// Rejects new data from here on; returns every op that waits or was refused.
    pub fn close_outbox(&self) -> Result<Vec<PendingOp>> {
        self.with_conn(|conn| {
            self.rejects_new.store(true, Ordering::Release);
            ops::pending(conn)
        })
    }

    /// Accepts new data again.
    pub fn reopen_outbox(&self) {
        self.rejects_new.store(false, Ordering::Release);
    }

    /// Puts ops that were sent in another epoch back into the state `waiting`. Drafts no longer continue a
    /// known change.
    pub fn begin_epoch(&self, epoch: &str) -> Result<()> {
        self.with_conn(|conn| {
            let tx = conn.unchecked_transaction()?;
            let stored = account::find(&tx)?.ok_or(rusqlite::Error::QueryReturnedNoRows)?;
            if stored.epoch != epoch {
                if !stored.epoch.is_empty() {
                    ops::requeue_sent(&tx)?;
                    // The numbers of the changes that drafts continue start again; new draft ops
                    // are made from the stored drafts.
                    for pending in ops::pending(&tx)? {
                        if matches!(pending.op.action, Action::Draft { .. }) {
                            ops::delete(&tx, pending.op.id)?;
                        }
                    }
                    drafts::clear_based_on(&tx)?;
                }
                account::set_epoch(&tx, epoch)?;
            }
            Ok(tx.commit()?)
        })
    }
}
