//! What to do about a damaged `outbox.db`: it is set aside and never deleted, and a new one is made of
//! every row that can still be read in it or in its daily copy. What is offered to the server twice
//! by that is taken once, because ids are kept.

use crate::outbox::{self, OUTBOX};
use crate::{Error, Result};
use parlour_protocol::Action;
use parlour_sqlite::Durability;
use rusqlite::types::Value;
use rusqlite::{Connection, OpenFlags, params_from_iter};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How old a copy becomes.
const COPIED_EVERY: Duration = Duration::from_secs(24 * 3600);

/// The tables, with what one row replaces: the first that is found counts.
const TABLES: [(&str, &str); 4] = [
    ("account", "only_row, server, user_id, username, session_id, epoch"),
    ("ops", "position, id, conversation_id, action, created_at, state, tried, code, reason"),
    ("drafts", "conversation_id, body, updated_at"),
    ("settings", "name, value"),
];

/// What was done about a damaged outbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Salvage {
    /// Where the damaged file is.
    pub set_aside: PathBuf,
    /// Actions that wait, as many as could be read.
    pub waiting: i64,
}

/// Opens the outbox of a folder; a damaged one is made anew from what can be read.
pub(crate) fn open(folder: &Path) -> Result<(Connection, Option<Salvage>)> {
    let path = folder.join("outbox.db");
    // Whether there was an account once, which has not been looked for yet.
    let is_begun = (copy_of(folder).exists() || folder.join("mirror.db").exists())
        && !folder.join("outbox.db.damaged-1").exists();
    let opened = parlour_sqlite::open(&path, &OUTBOX, Durability::Full).map_err(Error::from);
    match opened.and_then(|conn| check(&conn, is_begun).map(|is_whole| (conn, is_whole))) {
        Ok((conn, true)) => Ok((conn, None)),
        Ok((conn, false)) => {
            drop(conn);
            make_anew(folder, &path)
        }
        Err(error) if crate::files::is_damage(&error) => make_anew(folder, &path),
        Err(error) => Err(error),
    }
}

/// Whether the file is whole, and has its account if it ever had one.
fn check(conn: &Connection, is_begun: bool) -> Result<bool> {
    let found: String = conn.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    let sql = "SELECT EXISTS (SELECT 1 FROM account)";
    let has_account: bool = conn.query_row(sql, [], |row| row.get(0))?;
    Ok(found == "ok" && (has_account || !is_begun) && outbox::are_readable(conn))
}

fn make_anew(folder: &Path, path: &Path) -> Result<(Connection, Option<Salvage>)> {
    let set_aside = crate::files::set_aside_for_good(path)?;
    let conn = parlour_sqlite::open(path, &OUTBOX, Durability::Full)?;
    for from in [set_aside.clone(), copy_of(folder)] {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let Ok(from) = Connection::open_with_flags(from, flags) else { continue };
        for (table, columns) in TABLES {
            take(&from, &conn, table, columns)?;
        }
    }
    let sql = "SELECT count(*) FROM ops WHERE state <> 'sent'";
    let waiting = conn.query_row(sql, [], |row| row.get(0))?;
    tracing::error!(?set_aside, waiting, "outbox.db was damaged; what can be read was kept");
    Ok((conn, Some(Salvage { set_aside, waiting })))
}

/// Takes every row that can be read, from the front and from the back: between them lies the damage.
fn take(from: &Connection, to: &Connection, table: &str, columns: &str) -> Result<()> {
    let count = columns.split(", ").count();
    let places: Vec<String> = (1..=count).map(|n| format!("?{n}")).collect();
    let places = places.join(", ");
    let insert = format!("INSERT OR IGNORE INTO {table} ({columns}) VALUES ({places})");
    let mut insert = to.prepare(&insert)?;
    for order in ["ASC", "DESC"] {
        let select = format!("SELECT {columns} FROM {table} ORDER BY 1 {order}");
        let Ok(mut select) = from.prepare(&select) else { continue };
        let Ok(mut rows) = select.query([]) else { continue };
        while let Ok(Some(row)) = rows.next() {
            let values = (0..count).map(|at| row.get(at)).collect::<rusqlite::Result<Vec<Value>>>();
            // A row that is not what it should be is left where it is.
            if let Ok(values) = values
                && (table != "ops" || is_readable(&values))
            {
                let _ = insert.execute(params_from_iter(values));
            }
        }
    }
    Ok(())
}

/// Whether an op's row holds an action.
fn is_readable(values: &[Value]) -> bool {
    matches!(values.get(3), Some(Value::Text(action))
        if serde_json::from_str::<Action>(action).is_ok())
}

fn copy_of(folder: &Path) -> PathBuf {
    folder.join("outbox.db.copy")
}

/// Copies the outbox, if the last copy is a day old.
pub(crate) fn copy(conn: &Connection, folder: &Path) -> Result<()> {
    let copy = copy_of(folder);
    let age = std::fs::metadata(&copy).and_then(|found| found.modified());
    if age.is_ok_and(|at| at.elapsed().is_ok_and(|age| age < COPIED_EVERY)) {
        return Ok(());
    }
    let failed = |source| Error::Folder { path: folder.to_owned(), source };
    let new = folder.join("outbox.db.copy.new");
    match std::fs::remove_file(&new) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(failed(error)),
        _ => {}
    }
    conn.execute("VACUUM INTO ?1", [new.to_string_lossy()])?;
    std::fs::File::open(&new).and_then(|file| file.sync_all()).map_err(failed)?;
    std::fs::rename(&new, &copy).map_err(failed)
}
