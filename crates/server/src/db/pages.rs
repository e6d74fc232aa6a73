//! A snapshot of the pages of a SQLite file, whatever is written at the same time.

use super::error::DbError;
use super::server_id::ServerId;
use rusqlite::{Connection, InterruptHandle};
use std::path::Path;
use std::time::Duration;

/// Every object of the file store that the database refers to, by the names that they have in the store.
const OBJECTS: &str =
    "SELECT files.hash, files.id, files.uses > 0, file_parts.object, file_parts.bytes
    FROM files JOIN file_parts ON file_parts.file_id = files.id
    ORDER BY files.hash, replace(files.id, '-', ''), file_parts.object";
const SECRET: &str = "SELECT secret FROM instance WHERE only_row = 1";
const EPOCH: &str = "SELECT epoch FROM instance WHERE only_row = 1";
/// Every page in the order of the file. The table is part of SQLite (sqlite.org/dbpage.html).
const PAGES: &str = "SELECT data FROM sqlite_dbpage";

/// How long a snapshot waits for a transaction that writes.
const WRITER_TIMEOUT: Duration = Duration::from_secs(120);

/// A snapshot of a file, read on a connection of its own. It does not block writers and is not blocked by
/// them, but the write-ahead log cannot be truncated while it is open.
pub struct Pages {
    conn: Connection,
    /// The size of the whole file in bytes.
    pub bytes: u64,
    /// The version of its schema.
    pub schema: i64,
    /// The epoch that the database is in.
    pub epoch: String,
}

/// A part of a file, as the database describes it.
pub struct ObjectRow {
    /// SHA-256 of the whole file, in hex.
    pub hash: String,
    /// The file's id.
    pub file_id: String,
    /// The name of the part's object in the store.
    pub object: String,
    /// The part's size in bytes.
    pub bytes: u64,
    /// Whether a message refers to the file.
    pub is_used: bool,
}

impl Pages {
    /// Opens a snapshot of a server's file.
    ///
    /// # Errors
    /// Fails if there is no such file, or if it is not a server's.
    pub fn open(path: &Path) -> Result<Self, DbError> {
        let conn = parlour_sqlite::open_reader(path, None)?;
        conn.execute_batch("BEGIN")?;
        let epoch = conn.query_row(EPOCH, [], |row| row.get(0))?;
        let number = |pragma| conn.pragma_query_value(None, pragma, |row| row.get::<_, i64>(0));
        let bytes = number("page_count")?.unsigned_abs() * number("page_size")?.unsigned_abs();
        let schema = number("user_version")?;
        Ok(Self { conn, bytes, schema, epoch })
    }

    /// Opens the same snapshot twice, for two threads. Waits until no transaction writes, and blocks writers for a
    /// moment.
    ///
    /// # Errors
    /// Fails for the reasons of [`Pages::open`], and if another transaction writes for minutes.
    pub fn open_twice(path: &Path) -> Result<(Self, Self), DbError> {
        let writer = parlour_sqlite::open_unchecked(path, None)?;
        writer.busy_timeout(WRITER_TIMEOUT)?;
        writer.execute_batch("BEGIN IMMEDIATE")?;
        let both = Self::open(path).and_then(|first| Ok((first, Self::open(path)?)));
        writer.execute_batch("ROLLBACK")?;
        both
    }

    /// Returns a handle with which another thread can cancel a read.
    pub fn interrupt_handle(&self) -> InterruptHandle {
        self.conn.get_interrupt_handle()
    }

    /// Calls `handle_page` with each page, until it returns false.
    ///
    /// # Errors
    /// Fails on an I/O error.
    pub fn read(&self, mut handle_page: impl FnMut(&[u8]) -> bool) -> Result<(), DbError> {
        let mut statement = self.conn.prepare(PAGES)?;
        let mut rows = statement.query([])?;
        let mut read = 0;
        while let Some(row) = rows.next()? {
            let page = row.get_ref(0)?.as_blob().map_err(|_| DbError::Column("data"))?;
            read += page.len() as u64;
            if !handle_page(page) {
                return Err(DbError::Stopped);
            }
        }
        if read == self.bytes { Ok(()) } else { Err(DbError::Missing) }
    }

    /// Returns the objects of the file store that the database refers to, sorted.
    ///
    /// # Errors
    /// Fails if the database cannot be read.
    pub fn objects(&self) -> Result<Vec<ObjectRow>, DbError> {
        Ok(read_objects(&self.conn)?)
    }

    /// Returns the identity of the database's server; `None` if it has no key, as in backups of early versions.
    pub fn server_id(&self) -> Option<ServerId> {
        read_server_id(&self.conn)
    }

    /// Returns the errors that SQLite finds in the pages and rows of the file. Reads the whole file, but does
    /// not compare indexes with their rows: an index can be rebuilt.
    ///
    /// # Errors
    /// Fails on an I/O error, and if the file is so damaged that it cannot be checked.
    pub fn quick_faults(&self) -> Result<Vec<String>, DbError> {
        self.run_check("PRAGMA quick_check(10)")
    }

    fn run_check(&self, check: &str) -> Result<Vec<String>, DbError> {
        let mut check = self.conn.prepare(check)?;
        let messages = check.query_map([], |row| row.get::<_, String>(0))?;
        let mut faults: Vec<String> = messages.collect::<Result<_, _>>()?;
        faults.retain(|fault| fault != "ok");
        Ok(faults)
    }

    /// Returns the errors that SQLite finds in the file: in its pages, its indexes, and in references between rows.
    /// Reads the whole file.
    ///
    /// # Errors
    /// Fails for the reasons of [`Pages::quick_faults`].
    pub fn faults(&self) -> Result<Vec<String>, DbError> {
        let mut faults = self.run_check("PRAGMA integrity_check(10)")?;
        let mut check = self.conn.prepare("PRAGMA foreign_key_check")?;
        let messages = check.query_map([], |row| {
            let (table, parent): (String, String) = (row.get(0)?, row.get(2)?);
            Ok(format!("a row of {table} refers to a missing row of {parent}"))
        })?;
        for fault in messages.take(10) {
            faults.push(fault?);
        }
        Ok(faults)
    }
}

/// Returns the objects of the file store that a database refers to, sorted.
///
/// # Errors
/// Fails if the database cannot be read.
pub fn read_objects(conn: &Connection) -> rusqlite::Result<Vec<ObjectRow>> {
    let mut statement = conn.prepare(OBJECTS)?;
    let rows = statement.query_map([], |row| {
        Ok(ObjectRow {
            hash: row.get(0)?,
            file_id: row.get(1)?,
            is_used: row.get(2)?,
            object: row.get(3)?,
            bytes: row.get::<_, i64>(4)?.unsigned_abs(),
        })
    })?;
    rows.collect()
}

/// Returns the identity of a database's server; `None` if it has no key, or cannot be read.
pub fn read_server_id(conn: &Connection) -> Option<ServerId> {
    let secret = conn.query_row(SECRET, [], |row| row.get::<_, String>(0));
    secret.ok().and_then(|secret| ServerId::of_secret(&secret))
}

#[cfg(test)]
mod tests {
    use super::super::sqlite::Handle;
    use super::*;

    #[test]
    fn a_snapshot_is_not_changed_by_later_writes() {
        let dir = tempfile::tempdir().unwrap();
        let (path, copy) = (dir.path().join("x.db"), dir.path().join("copy.db"));
        let writer = Handle::writer(&path).unwrap();
        let write = |source: usize| {
            let sql = format!(
                "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 3000)
                 INSERT INTO imports (source, digest, messages) SELECT '{source} ' || x, x, x FROM n"
            );
            writer.execute(&sql, &[]).unwrap();
        };
        write(1);
        let (pages, same) = Pages::open_twice(&path).unwrap();
        write(2);
        let mut all = Vec::new();
        let mut n = 3;
        pages
            .read(|page| {
                if all.len() % (64 * 4096) == 0 {
                    write(n);
                    n += 1;
                }
                all.extend_from_slice(page);
                true
            })
            .unwrap();
        assert_eq!(all.len() as u64, pages.bytes);
        assert!(n > 4 && same.faults().unwrap().is_empty());
        let rows = |pages: &Pages| -> i64 {
            pages.conn.query_row("SELECT count(*) FROM imports", [], |row| row.get(0)).unwrap()
        };
        assert_eq!((rows(&pages), rows(&same)), (3000, 3000));
        std::fs::write(&copy, all).unwrap();
        let copy = Pages::open(&copy).unwrap();
        assert!(copy.faults().unwrap().is_empty() && copy.quick_faults().unwrap().is_empty());
        let count = "SELECT count(*) FROM imports";
        let rows: i64 = copy.conn.query_row(count, [], |row| row.get(0)).unwrap();
        assert_eq!(rows, 3000);
    }

    #[test]
    fn broken_references_between_rows_are_reported() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x.db");
        drop(Handle::writer(&path).unwrap());
        let other = Connection::open(&path).unwrap();
        other.pragma_update(None, "foreign_keys", false).unwrap();
        let insert = "INSERT INTO ops (user_id, id, digest, created_at) VALUES ('a', 'b', 'c', 1)";
        other.execute(insert, []).unwrap();
        let faults = Pages::open(&path).unwrap().faults().unwrap();
        assert_eq!(faults, ["a row of ops refers to a missing row of users"]);
    }
}
