//! Repairs a damaged `outbox.db`: it is set aside and never deleted, and a new one is created from every row
//! that can still be read in it or in its daily copy. Ops that reach the server twice because of this take
//! effect once, because their ids stay the same. Actions that were discarded after the copy was made may come
//! back; that is better than losing something.

use super::ops;
use crate::disk::{self, encrypt_if_plain, is_damage};
use crate::error::{Error, Result};
use crate::file_names::{self, MIRROR, OUTBOX_COPY, OUTBOX_NEW};
use crate::schema::OUTBOX;
use parlour_protocol::Action;
use parlour_sqlite::{Durability, Key, durable};
use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Age at which a copy is replaced.
const COPY_INTERVAL: Duration = Duration::from_secs(24 * 3600);

/// Size above which a file is checked only once a day, before it is copied. A smaller file is
/// checked whenever it is opened, which takes a few milliseconds.
const ALWAYS_CHECK_BYTES: u64 = 8 * 1024 * 1024;

/// The tables with the columns to copy. The first row inserted for a key counts. A table is tried
/// with all columns first, and then with those that the file of an earlier version has.
const TABLES: [(&str, &str); 8] = [
    ("account", account!(list)),
    ("account", "only_row, server, user_id, username, session_id, epoch"),
    ("ops", ops!(list)),
    ("ops", "position, id, conversation_id, action, created_at, state, tried, code, reason"),
    ("drafts", local_drafts!(list)),
    ("settings", settings!(list)),
    ("files", own_files!(list)),
    ("staged", staged!(list)),
];

/// The result of the repair of a damaged outbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Salvage {
    /// The path of the damaged file.
    pub set_aside: PathBuf,
    /// Number of ops that wait or were refused, if they could be read.
    pub waiting: i64,
}

/// Opens the outbox of a folder; replaces a damaged one by a new one with everything that can be
/// read.
pub(crate) fn open(folder: &Path, key: &Key) -> Result<(Connection, Option<Salvage>)> {
    let path = folder.join(file_names::OUTBOX);
    // A new outbox that was complete but not yet renamed when the program ended.
    let new = new_of(folder);
    if !path.exists() && new.exists() {
        let failed = |source| Error::Folder { path: folder.to_owned(), source };
        durable::rename(&new, &path).map_err(failed)?;
    }
    // Whether an account existed here, and no repair has looked for it yet.
    let had_account = (copy_of(folder).exists() || folder.join(MIRROR).exists())
        && !disk::suffixed(&path, ".damaged-1").exists();
    for plain in [&path, &copy_of(folder)] {
        match encrypt_if_plain(plain, &OUTBOX, key) {
            Err(error) if !is_damage(&error) => return Err(error),
            // Damage is handled below.
            _ => {}
        }
    }
    let opened =
        parlour_sqlite::open(&path, &OUTBOX, Durability::Full, Some(key)).map_err(Error::from);
    let size = std::fs::metadata(&path).map_or(0, |found| found.len());
    let should_check = size <= ALWAYS_CHECK_BYTES || is_copy_due(folder);
    match opened.and_then(|conn| Ok((check(&conn, had_account, should_check)?, conn))) {
        Ok((true, conn)) => Ok((conn, None)),
        Ok((false, conn)) => {
            drop(conn);
            recreate(folder, &path, key)
        }
        Err(error) if is_damage(&error) => recreate(folder, &path, key),
        Err(error) => Err(error),
    }
}

/// Returns whether the file is intact, and contains its account if it ever had one.
fn check(conn: &Connection, had_account: bool, should_check: bool) -> Result<bool> {
    let found: String = match should_check {
        true => conn.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?,
        false => "ok".into(),
    };
    let sql = "SELECT EXISTS (SELECT 1 FROM account)";
    let has_account: bool = conn.query_row(sql, [], |row| row.get(0))?;
    Ok(found == "ok" && (has_account || !had_account) && ops::pending(conn).is_ok())
}

/// Creates a new file next to the damaged one and replaces that with it. If the program ends in
/// between, the next start continues.
fn recreate(folder: &Path, path: &Path, key: &Key) -> Result<(Connection, Option<Salvage>)> {
    let failed = |source| Error::Folder { path: folder.to_owned(), source };
    let new = new_of(folder);
    disk::remove(&new).map_err(failed)?;
    let conn = parlour_sqlite::open(&new, &OUTBOX, Durability::Full, Some(key))?;
    for from in [path.to_owned(), copy_of(folder)] {
        let key = Some(key).filter(|_| !parlour_sqlite::is_plain(&from));
        for (table, columns) in TABLES {
            // A connection that has read a damaged page cannot read any other page.
            for order in ["ASC", "DESC"] {
                let Ok(from) = parlour_sqlite::open_unchecked(&from, key) else { continue };
                copy_rows(&from, &conn, (table, columns), order)?;
            }
        }
    }
    let sql = "SELECT count(*) FROM ops WHERE state <> 'sent'";
    let waiting = conn.query_row(sql, [], |row| row.get(0))?;
    // Writes the log of the new file into the file. Closing would do that too, but would not report
    // a failure.
    conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    conn.close().map_err(|(_, error)| error)?;
    let set_aside = disk::set_aside_numbered(path)?;
    durable::rename(&new, path).map_err(failed)?;
    tracing::error!(?set_aside, waiting, "outbox.db was damaged; the readable rows were copied");
    let conn = parlour_sqlite::open(path, &OUTBOX, Durability::Full, Some(key))?;
    Ok((conn, Some(Salvage { set_aside, waiting })))
}

/// Copies every row that can be read, from the front or from the back: the damage is between them.
fn copy_rows(
    from: &Connection,
    to: &Connection,
    (table, columns): (&str, &str),
    order: &str,
) -> Result<()> {
    let count = columns.split(", ").count();
    let placeholders: Vec<String> = (1..=count).map(|n| format!("?{n}")).collect();
    let placeholders = placeholders.join(", ");
    let insert = format!("INSERT OR IGNORE INTO {table} ({columns}) VALUES ({placeholders})");
    let mut insert = to.prepare(&insert)?;
    let select = format!("SELECT {columns} FROM {table} ORDER BY 1 {order}");
    let Ok(mut select) = from.prepare(&select) else { return Ok(()) };
    let Ok(mut rows) = select.query([]) else { return Ok(()) };
    while let Ok(Some(row)) = rows.next() {
        let values = (0..count).map(|at| row.get(at)).collect::<rusqlite::Result<Vec<Value>>>();
        // A row with invalid contents is not copied.
        if let Ok(values) = values
            && (table != "ops" || is_readable(&values))
        {
            match insert.execute(params_from_iter(values)) {
                Err(error) if !is_row_error(&error) => return Err(error.into()),
                _ => {}
            }
        }
    }
    Ok(())
}

/// Returns whether an insertion failed because of the row's contents.
fn is_row_error(error: &rusqlite::Error) -> bool {
    use rusqlite::ErrorCode::{ConstraintViolation, TooBig, TypeMismatch};
    let code = error.sqlite_error_code();
    code.is_some_and(|code| matches!(code, ConstraintViolation | TooBig | TypeMismatch))
}

/// Returns whether an op's row contains a valid action.
fn is_readable(values: &[Value]) -> bool {
    matches!(values.get(3), Some(Value::Text(action))
        if serde_json::from_str::<Action>(action).is_ok())
}

fn new_of(folder: &Path) -> PathBuf {
    folder.join(OUTBOX_NEW)
}

fn copy_of(folder: &Path) -> PathBuf {
    folder.join(OUTBOX_COPY)
}

/// Copies the outbox, if the last copy is a day old.
pub(crate) fn copy(conn: &Connection, folder: &Path) -> Result<()> {
    if !is_copy_due(folder) {
        return Ok(());
    }
    let failed = |source| Error::Folder { path: folder.to_owned(), source };
    let new = disk::suffixed(&copy_of(folder), ".new");
    disk::remove(&new).map_err(failed)?;
    parlour_sqlite::private::prepare(&new).map_err(failed)?;
    conn.execute("VACUUM INTO ?1", [new.to_string_lossy()])?;
    std::fs::File::open(&new).and_then(|file| file.sync_all()).map_err(failed)?;
    durable::rename(&new, &copy_of(folder)).map_err(failed)
}

fn is_copy_due(folder: &Path) -> bool {
    let copied = std::fs::metadata(copy_of(folder)).and_then(|found| found.modified());
    !copied.is_ok_and(|at| at.elapsed().is_ok_and(|age| age < COPY_INTERVAL))
}

/// Salvages an image of a damaged outbox; every op that was salvaged must be readable.
#[cfg(any(test, fuzzing))]
pub(crate) fn fuzz(image: &[u8]) {
    let to = parlour_sqlite::open_in_memory(&OUTBOX, None).expect("memory");
    for table in TABLES {
        for order in ["ASC", "DESC"] {
            let Ok(from) = parlour_sqlite::open_in_memory(&OUTBOX, Some(image)) else { return };
            copy_rows(&from, &to, table, order).expect("there is memory");
        }
    }
    assert!(ops::pending(&to).is_ok());
}

#[cfg(test)]
mod tests {
    use super::{OUTBOX, TABLES};

    #[test]
    fn every_column_of_every_table_is_salvaged() {
        let conn = parlour_sqlite::open_in_memory(&OUTBOX, None).unwrap();
        let sql =
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'";
        let mut tables = conn.prepare(sql).unwrap();
        let tables = tables.query_map([], |row| row.get::<_, String>(0)).unwrap();
        for table in tables.map(Result::unwrap) {
            let sql = "SELECT group_concat(name, ', ') FROM pragma_table_info(?1)";
            let columns: String = conn.query_row(sql, [&table], |row| row.get(0)).unwrap();
            assert!(TABLES.contains(&(table.as_str(), columns.as_str())), "{table}: {columns}");
        }
    }
}
