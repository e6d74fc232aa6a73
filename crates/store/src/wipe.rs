//! What is left of an account whose session somebody ended.

use crate::folder::Folder;
use crate::outbox::OUTBOX;
use crate::{Error, Result, Store, salvage};
use parlour_protocol::Action;
use parlour_sqlite::{Durability, Key, durable, open_unchecked};
use rusqlite::Connection;
use rusqlite::types::Value;
use std::path::Path;

parlour_sqlite::statements! {
    REVOKED = "SELECT revoked FROM account WHERE only_row = 1";
    /// $1 how it stands, one of those below. Once wiped it stays so.
    SET_REVOKED = "UPDATE account SET revoked = max(revoked, $1) WHERE only_row = 1";
    ACCOUNT = "SELECT only_row, server, user_id, username, session_id, epoch FROM account
        WHERE only_row = 1";
    /// $1 and on as above.
    KEEP_ACCOUNT = "INSERT INTO account (only_row, server, user_id, username, session_id, epoch)
        VALUES ($1, $2, $3, $4, $5, $6)";
    UNSENT = "SELECT action, position, id, conversation_id, created_at, state, tried, code, reason,
            members_until
        FROM ops INDEXED BY ops_open WHERE state <> 'sent' ORDER BY position";
    /// $1 and on as above.
    KEEP_UNSENT = "INSERT INTO ops (action, position, id, conversation_id, created_at, state, tried, code,
            reason, members_until)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
}

/// Its user has to sign in again.
const ENDED: i64 = 1;
/// The same, and what never reached the server is all there is.
const WIPED: i64 = 2;

impl Store {
    /// Notes that somebody ended the session, until the account signs in again. In the encrypted file, where
    /// nobody takes it out without the key.
    pub fn set_revoked(&self) -> Result<()> {
        self.outbox.with(|conn| Ok(conn.execute(SET_REVOKED, [ENDED]).map(drop)?))
    }

    /// Whether somebody ended the session, and the account has not signed in again.
    pub fn is_revoked(&self) -> Result<bool> {
        Ok(self.outbox.with(standing)? != 0)
    }
}

impl Folder {
    /// Leaves of the account what its user did and the server does not have, encrypted with another key,
    /// and deletes everything else: the mirror, what was sent, drafts, settings, copies, logs. Wherever this
    /// ends, it goes on when it is called again. The account counts as revoked.
    ///
    /// # Errors
    /// The files fail, or none of the two keys opens them.
    pub fn keep_unsent(&self, key: &Key, next: &Key) -> Result<()> {
        let path = self.path().join("outbox.db");
        let now = if can_open(&path, next) { next } else { key };
        let (from, _) = salvage::open(self.path(), now)?;
        let is_done = std::ptr::eq(now, next) && standing(&from)? == WIPED;
        if is_done {
            drop(from);
        } else {
            self.replace(from, next)?;
        }
        self.empty(&["outbox.db", "key.json"])
    }

    fn replace(&self, from: Connection, next: &Key) -> Result<()> {
        let failed = |source| Error::Folder { path: self.path().to_owned(), source };
        let (path, new) = (self.path().join("outbox.db"), self.path().join("outbox.db.new"));
        remove(&new, &["", "-wal", "-shm"]).map_err(failed)?;
        let to = parlour_sqlite::open(&new, &OUTBOX, Durability::Full, Some(next))?;
        take(&from, &to)?;
        // What lies beside them would be taken for the new file's: there is nothing of it before the new one
        // has its place.
        for conn in [to, from] {
            conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
            conn.close().map_err(|(_, error)| error)?;
        }
        remove(&path, &["-wal", "-shm"]).map_err(failed)?;
        durable::rename(&new, &path).map_err(failed)
    }
}

/// Copies what stays, in one transaction.
fn take(from: &Connection, to: &Connection) -> Result<()> {
    let tx = to.unchecked_transaction()?;
    for (select, insert) in [(ACCOUNT, KEEP_ACCOUNT), (UNSENT, KEEP_UNSENT)] {
        let mut insert = tx.prepare(insert)?;
        let mut select = from.prepare(select)?;
        let count = select.column_count();
        let mut rows = select.query([])?;
        while let Some(row) = rows.next()? {
            let values =
                (0..count).map(|at| row.get(at)).collect::<rusqlite::Result<Vec<Value>>>()?;
            let is_passed = matches!(&values[0], Value::Text(action)
                if serde_json::from_str::<Action>(action).is_ok_and(|action| action.rules().is_transient));
            if !is_passed {
                insert.execute(rusqlite::params_from_iter(values))?;
            }
        }
    }
    tx.execute(SET_REVOKED, [WIPED])?;
    Ok(tx.commit()?)
}

fn standing(conn: &Connection) -> Result<i64> {
    Ok(conn.query_row(REVOKED, [], |row| row.get("revoked"))?)
}

fn remove(path: &Path, suffixes: &[&str]) -> std::io::Result<()> {
    for suffix in suffixes {
        match std::fs::remove_file(crate::files::suffixed(path, suffix)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

/// Whether a key opens an account's files.
pub fn opens(folder: &Path, key: &Key) -> bool {
    can_open(&folder.join("outbox.db"), key)
}

fn can_open(path: &Path, key: &Key) -> bool {
    let read = || {
        let conn = open_unchecked(path, Some(key))?;
        conn.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get::<_, i64>(0))
    };
    path.exists() && read().is_ok_and(|tables| tables > 0)
}
