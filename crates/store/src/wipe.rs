//! Reduces the files of an account whose session was ended remotely to its unsent ops.

use crate::blobs::folder::BlobFolder;
use crate::disk;
use crate::error::{Error, Result};
use crate::file_names::{self, FILES, KEYS, OUTBOX_NEW};
use crate::folder::Folder;
use crate::outbox::account::{self, ENDED, WIPED};
use crate::outbox::{files, salvage};
use crate::schema::OUTBOX;
use crate::store::Store;
use parlour_protocol::Action;
use parlour_sqlite::{Durability, Key, durable, open_unchecked};
use rusqlite::types::Value;
use rusqlite::{Connection, Row, params_from_iter};
use std::path::Path;

parlour_sqlite::statements! {
    ACCOUNT = concat!("SELECT ", account!(list), " FROM account WHERE only_row = 1");
    INSERT_ACCOUNT = concat!("INSERT INTO account (", account!(list), ") VALUES (", account!(values), ")");
    UNSENT = concat!("SELECT ", ops!(list), "
        FROM ops INDEXED BY ops_open WHERE state <> 'sent' ORDER BY position");
    INSERT_OWN_FILES = concat!("INSERT INTO files (", own_files!(list), ") VALUES (", own_files!(values), ")");
    INSERT_UNSENT = concat!("INSERT INTO ops (", ops!(list), ") VALUES (", ops!(values), ")");
}

// Reads the files that were attached in the last 30 days or wait to be sent: when everything else is deleted.
const OWN_FILES: &str = concat!("SELECT ", own_files!(list), " FROM files");

/// The names that a wipe leaves in a folder.
const RETAINED: [&str; 3] = [file_names::OUTBOX, KEYS, FILES];

impl Store {
    /// Records that the session was ended remotely, until the account signs in again. This is stored in
    /// the encrypted file, where it cannot be removed without the key.
    pub fn set_revoked(&self) -> Result<()> {
        self.outbox.with_conn(|conn| account::set_revoked(conn, ENDED))
    }

    /// Returns whether the session was ended remotely and the account has not signed in again.
    pub fn is_revoked(&self) -> Result<bool> {
        Ok(self.outbox.with_conn(revoked)? != 0)
    }
}

impl Folder {
    /// Retains only the account and the ops that the server does not have, with their files, encrypted with the key
    /// `next`, and deletes everything else: the mirror, sent ops, drafts, settings, copies, logs.
    /// If the program ends in between, another call continues. The account counts as revoked.
    ///
    /// # Errors
    /// Fails if the files cannot be read or written, or if neither of the two keys opens them.
    pub fn delete_all_but_unsent(&self, key: &Key, next: &Key) -> Result<()> {
        let path = self.path().join(file_names::OUTBOX);
        let current = if can_open(&path, next) { next } else { key };
        let (from, _) = salvage::open(self.path(), current)?;
        let is_complete = std::ptr::eq(current, next) && revoked(&from)? == WIPED;
        if is_complete {
            drop(from);
        } else {
            self.replace(from, next)?;
        }
        self.empty(&RETAINED)?;
        self.delete_other_files(next)
    }

    /// Continues [`Folder::delete_all_but_unsent`] as far as that needs no key, if the program ended in between.
    /// Afterwards it does nothing.
    ///
    /// # Errors
    /// Fails with [`Error::Folder`] if something could not be deleted.
    pub fn continue_wipe(&self) -> Result<()> {
        let outbox = Path::new(file_names::OUTBOX);
        let logs = disk::logs_of(outbox).map(|log| log.to_string_lossy().into_owned());
        let retained =
            RETAINED.into_iter().chain([OUTBOX_NEW]).chain(logs.iter().map(String::as_str));
        self.empty(&retained.collect::<Vec<_>>())
    }

    /// Deletes the bytes of all files, except files that unsent ops need.
    fn delete_other_files(&self, key: &Key) -> Result<()> {
        let path = self.path().join(file_names::OUTBOX);
        let conn = parlour_sqlite::open(&path, &OUTBOX, Durability::Full, Some(key))?;
        let names = files::delete_unused(&conn)?;
        BlobFolder::in_folder(self.path()).delete_others(&names, true)
    }

    fn replace(&self, from: Connection, next: &Key) -> Result<()> {
        let failed = |source| Error::Folder { path: self.path().to_owned(), source };
        let (path, new) = (self.path().join(file_names::OUTBOX), self.path().join(OUTBOX_NEW));
        disk::remove(&new).map_err(failed)?;
        let new_outbox = parlour_sqlite::open(&new, &OUTBOX, Durability::Full, Some(next))?;
        copy_retained(&from, &new_outbox)?;
        // Log files next to the database would be taken for the new file's: they must be removed
        // before the new file replaces the old one.
        for conn in [new_outbox, from] {
            conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
            conn.close().map_err(|(_, error)| error)?;
        }
        disk::remove_logs(&path).map_err(failed)?;
        durable::rename(&new, &path).map_err(failed)
    }
}

/// Copies the rows that stay, in one transaction.
fn copy_retained(from: &Connection, to: &Connection) -> Result<()> {
    let tx = to.unchecked_transaction()?;
    copy(from, &tx, ACCOUNT, INSERT_ACCOUNT, |_| true)?;
    copy(from, &tx, UNSENT, INSERT_UNSENT, |row| {
        let action = row.get_ref("action").ok().and_then(|action| action.as_str().ok());
        let action = action.and_then(|action| serde_json::from_str::<Action>(action).ok());
        !action.is_some_and(|action| action.rules().is_transient)
    })?;
    copy(from, &tx, OWN_FILES, INSERT_OWN_FILES, |_| true)?;
    account::set_revoked(&tx, WIPED)?;
    Ok(tx.commit()?)
}

/// Copies the rows for which `is_retained` returns true, with all of their columns.
fn copy(
    from: &Connection,
    to: &Connection,
    select: &str,
    insert: &str,
    is_retained: impl Fn(&Row<'_>) -> bool,
) -> Result<()> {
    let mut insert = to.prepare(insert)?;
    let mut select = from.prepare(select)?;
    let count = select.column_count();
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        let values = (0..count).map(|at| row.get(at)).collect::<rusqlite::Result<Vec<Value>>>()?;
        if is_retained(row) {
            insert.execute(params_from_iter(values))?;
        }
    }
    Ok(())
}

fn revoked(conn: &Connection) -> Result<i64> {
    let stored = account::find(conn)?.ok_or(rusqlite::Error::QueryReturnedNoRows)?;
    Ok(stored.revoked)
}

/// Returns whether a key opens an account's files.
pub fn opens(folder: &Path, key: &Key) -> bool {
    can_open(&folder.join(file_names::OUTBOX), key)
}

fn can_open(path: &Path, key: &Key) -> bool {
    let read = || {
        let conn = open_unchecked(path, Some(key))?;
        conn.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get::<_, i64>(0))
    };
    path.exists() && read().is_ok_and(|tables| tables > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(conn: &Connection, table: &str) -> Vec<Value> {
        let sql = format!("SELECT * FROM {table}");
        let mut statement = conn.prepare(&sql).unwrap();
        let count = statement.column_count();
        statement.query_row([], |row| (0..count).map(|at| row.get(at)).collect()).unwrap()
    }

    #[test]
    fn every_column_of_unsent_ops_is_copied() {
        let [from, to] = [(); 2].map(|()| parlour_sqlite::open_in_memory(&OUTBOX, None).unwrap());
        let account = "INSERT INTO account VALUES (1, 'https://x', x'01', 'me', x'02', 'e', 2)";
        let op = r#"INSERT INTO ops VALUES (7, x'03', x'04', '{"type":"leave"}', 5, 'refused', 1,
            'gone', 'why', 6)"#;
        let file = "INSERT INTO files VALUES ('00', 8, x'05')";
        from.execute_batch(&format!("{account}; {op}; {file}")).unwrap();
        copy_retained(&from, &to).unwrap();
        for table in ["account", "ops", "files"] {
            let copied = row(&to, table);
            assert!(!copied.contains(&Value::Null), "{table}: a column without a value");
            assert_eq!(copied, row(&from, table), "{table}");
        }
    }
}
