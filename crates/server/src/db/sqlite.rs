//! The embedded engine: one connection writes, a few read.

use super::batch_statement::BatchStatement;
use super::error::DbError;
use super::value::{Row, Value};
use super::witness;
use crate::lock::lock;
use crate::no_follow::{self, chown_to_folder_owner};
use parlour_sqlite::{Durability, SIDE_SUFFIXES, Schema, durable, private};
use rusqlite::Connection;
use rusqlite::types::{ToSql, ToSqlOutput, ValueRef};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Expands to the schema that these files of `migrations/sqlite` create in order.
macro_rules! schema {
    ($first:literal $(, $next:literal)* $(,)?) => {
        Schema {
            application_id: 0x5041_5253, // "PARS"
            newest: concat!(
                include_str!(concat!("../../migrations/sqlite/", $first))
                $(, include_str!(concat!("../../migrations/sqlite/", $next)))*
            ),
            migrations: &[$(include_str!(concat!("../../migrations/sqlite/", $next))),*],
        }
    };
}

/// The schema of the server's file. A new file is created by all of these migrations in order.
pub const SCHEMA: Schema = schema![
    "0001_initial.sql",
    "0002_audit.sql",
    "0003_sessions.sql",
    "0004_ops.sql",
    "0005_made_ids.sql",
    "0006_restores.sql",
    "0007_removed.sql",
    "0008_looks.sql",
    "0009_audit_end.sql",
    "0010_owners.sql",
    "0011_newcomers.sql",
    "0012_profiles.sql",
    "0013_pictures.sql",
    "0014_name_keys.sql",
    "0015_group_count.sql",
    "0016_server_picture.sql",
    "0017_statuses.sql",
    "0018_files.sql",
    "0019_imported_files.sql",
    "0020_status_ends.sql",
    "0021_final_sigma.sql",
    "0022_import_runs.sql",
    "0023_claims.sql",
];

/// Reads the version of the schema.
pub const VERSION: &str = "SELECT user_version AS version FROM pragma_user_version";

/// Writes the write-ahead log back and truncates it.
const EMPTY_LOG: &str = "PRAGMA wal_checkpoint(TRUNCATE)";

/// Returns the version of the newest schema.
pub fn schema_version() -> i64 {
    SCHEMA.version().into()
}

/// The number of connections that read at the same time.
pub const READERS: usize = 4;

/// A connection with an open transaction, or the writer's connection.
pub struct Handle {
    /// Used by one task at a time; the mutex only makes the handle `Sync`.
    conn: Mutex<Option<Connection>>,
    pool: Option<(Arc<Pool>, OwnedSemaphorePermit)>,
}

impl Handle {
    /// Opens the connection for writing. Creates the file and its tables if they are missing.
    pub fn writer(path: &Path) -> Result<Self, DbError> {
        if path.symlink_metadata().is_err() {
            create(path)?;
        }
        Ok(Self { conn: Mutex::new(Some(open_writer(path)?)), pool: None })
    }

    /// Creates a database in memory: empty, or with the content of an image.
    pub fn in_memory(image: Option<&[u8]>) -> Result<Self, DbError> {
        let conn = parlour_sqlite::open_in_memory(&SCHEMA, image)?;
        Ok(Self { conn: Mutex::new(Some(conn)), pool: None })
    }

    /// Returns the content of the database, for [`Handle::in_memory`].
    pub fn image(&self) -> Result<Vec<u8>, DbError> {
        let mut conn = lock(&self.conn);
        let conn = conn.as_mut().expect("taken only on drop");
        Ok(conn.serialize(rusqlite::MAIN_DB)?.to_vec())
    }

    /// Returns all rows of a query.
    pub fn query(&self, sql: &str, params: &[Value]) -> Result<Vec<Row>, DbError> {
        Ok(self.query_within(sql, params, usize::MAX)?.0)
    }

    /// See [`super::tx::Tx::query_within`].
    pub fn query_within(
        &self,
        sql: &str,
        params: &[Value],
        max_bytes: usize,
    ) -> Result<(Vec<Row>, bool), DbError> {
        self.with(|conn| {
            let mut statement = conn.prepare_cached(sql)?;
            let names: Arc<[String]> = statement.column_names().map(String::from).collect();
            let mut found = statement.query(rusqlite::params_from_iter(params))?;
            let (mut rows, mut bytes_read) = (Vec::new(), 0);
            while let Some(row) = found.next()? {
                if bytes_read > max_bytes {
                    return Ok((rows, true));
                }
                let values = (0..names.len())
                    .map(|index| read(row.get_ref(index)?))
                    .collect::<Result<_, _>>()?;
                let row = Row { names: names.clone(), values };
                bytes_read += row.bytes();
                rows.push(row);
            }
            Ok((rows, false))
        })
    }

    /// Runs a statement for each of `rows`, and returns the rows of all results.
    pub fn query_batch(
        &self,
        batch: &BatchStatement,
        rows: &[Vec<Value>],
    ) -> Result<Vec<Row>, DbError> {
        let sql = batch.sql_for_one_row();
        let results = rows.iter().map(|row| self.query(&sql, row));
        Ok(results.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
    }

    /// Runs a statement that writes, and returns the number of rows that it touched.
    pub fn execute(&self, sql: &str, params: &[Value]) -> Result<u64, DbError> {
        self.with(|conn| {
            let touched = conn.prepare_cached(sql)?.execute(rusqlite::params_from_iter(params))?;
            Ok(touched as u64)
        })
    }

    /// Runs a statement without parameters and result.
    pub fn run(&self, sql: &str) -> Result<(), DbError> {
        self.with(|conn| run(conn, sql))
    }

    fn with<T>(&self, body: impl FnOnce(&Connection) -> Result<T, DbError>) -> Result<T, DbError> {
        body(lock(&self.conn).as_ref().expect("taken only on drop"))
    }
}

impl Drop for Handle {
    /// Ends a reader's snapshot and returns its connection to the pool.
    fn drop(&mut self) {
        let conn = lock(&self.conn).take();
        if let (Some(conn), Some((pool, _permit))) = (conn, self.pool.take())
            && run(&conn, "ROLLBACK").is_ok()
        {
            lock(&pool.idle).push(conn);
        }
    }
}

/// Opens a file for writing, which is created first if it is new.
/// Creates a database, which gets its name once it has its tables: a process that is killed meanwhile leaves no empty
/// file, which the next start would take for a lost database.
fn create(path: &Path) -> Result<(), DbError> {
    let new = path.with_added_extension("new");
    let failed = |source| parlour_sqlite::Error::CreateFile { path: path.to_owned(), source };
    // A killed process may have left some of them.
    remove_with_side_files(&new);
    // The files that SQLite creates next to it get the same owner.
    private::prepare(&new).and_then(|()| chown_to_folder_owner(&new)).map_err(failed)?;
    let tables = open_writer(&new).and_then(|conn| {
        let checkpoint = "PRAGMA wal_checkpoint(TRUNCATE)";
        Ok(conn.query_row(checkpoint, [], |_| Ok(()))?)
    });
    let named = tables.and_then(|()| Ok(durable::rename(&new, path).map_err(failed)?));
    remove_with_side_files(&new);
    named
}

/// Removes a database that is not open. What cannot be removed stays.
fn remove_with_side_files(path: &Path) {
    for suffix in SIDE_SUFFIXES.into_iter().chain([""]) {
        let mut file = path.as_os_str().to_owned();
        file.push(suffix);
        let _ = std::fs::remove_file(file);
    }
}

fn open_writer(path: &Path) -> Result<Connection, DbError> {
    let failed = |source| parlour_sqlite::Error::CreateFile { path: path.to_owned(), source };
    let file = no_follow::resolve(path).map_err(failed)?;
    let conn = parlour_sqlite::open_resolved(&file, &SCHEMA, Durability::Full, None)?;
    // Deleted data, such as the name of an erased user, is overwritten in the file.
    conn.pragma_update(None, "secure_delete", true)?;
    Ok(conn)
}

/// Returns the size of a database on the disk in bytes, including its write-ahead log; 0 if there is none.
pub fn bytes(path: &Path) -> u64 {
    path.metadata().map_or(0, |file| file.len()) + log_bytes(path)
}

/// Returns the size of a database's write-ahead log in bytes; 0 if there is none.
fn log_bytes(path: &Path) -> u64 {
    parlour_sqlite::log_path(path).metadata().map_or(0, |file| file.len())
}

/// The pool of connections for reading.
pub struct Pool {
    /// The path that the server was given, which may lead to another file later.
    path: PathBuf,
    /// The path of the file itself, next to which SQLite keeps its log.
    file: PathBuf,
    idle: Mutex<Vec<Connection>>,
    permits: Arc<Semaphore>,
}

impl Pool {
    /// Creates an empty pool; connections are opened when they are needed.
    pub fn new(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
            file: parlour_sqlite::follow(path),
            idle: Mutex::default(),
            permits: Arc::new(Semaphore::new(READERS)),
        }
    }

    /// Returns the origin of the file that is at the path now; see [`origin`].
    pub fn origin(&self) -> String {
        origin(&self.path)
    }

    /// Returns the size of the write-ahead log on the disk in bytes.
    pub fn log_bytes(&self) -> u64 {
        log_bytes(&self.file)
    }

    /// Writes the write-ahead log back into the file and empties it, so that the log keeps no earlier content of rows
    /// that were overwritten or deleted. Never waits: returns false if a transaction is open that needs the log.
    pub fn empty_log(&self) -> Result<bool, DbError> {
        if self.log_bytes() == 0 {
            return Ok(true);
        }
        let conn = parlour_sqlite::open_unchecked(&self.file, None)?;
        conn.busy_timeout(Duration::ZERO)?;
        // Until a connection has read the file, it does not know that it has a log.
        conn.query_row(VERSION, [], |_| Ok(()))?;
        Ok(!conn.query_row(EMPTY_LOG, [], |row| row.get::<_, bool>("busy"))?)
    }

    /// Returns the size of the database on the disk in bytes.
    pub fn bytes(&self) -> u64 {
        bytes(&self.file)
    }

    /// Returns a connection with an open read transaction.
    pub async fn snapshot(self: &Arc<Self>) -> Result<Handle, DbError> {
        let permit =
            self.permits.clone().acquire_owned().await.expect("the semaphore is never closed");
        let idle = lock(&self.idle).pop();
        let conn = match idle {
            Some(conn) => conn,
            None => parlour_sqlite::open_reader(&self.file, None)?,
        };
        run(&conn, "BEGIN")?;
        Ok(Handle { conn: Mutex::new(Some(conn)), pool: Some((self.clone(), permit)) })
    }
}

/// Returns the origin of a file, which distinguishes it from its copies: its identity in the file system, and when it
/// was created.
pub fn origin(path: &Path) -> String {
    match path.metadata() {
        Ok(file) => witness::identity(&file),
        Err(_) => path.display().to_string(),
    }
}

/// Runs a statement through the cache of prepared statements, because these occur in every transaction.
fn run(conn: &Connection, sql: &str) -> Result<(), DbError> {
    conn.prepare_cached(sql)?.execute([])?;
    Ok(())
}

fn read(value: ValueRef<'_>) -> Result<Value, DbError> {
    Ok(match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(number) => Value::Int(number),
        // Valid text is the usual case, and checking it is faster than a lossy conversion.
        ValueRef::Text(bytes) => Value::Text(match std::str::from_utf8(bytes) {
            Ok(text) => text.into(),
            Err(_) => String::from_utf8_lossy(bytes).into_owned(),
        }),
        ValueRef::Blob(bytes) => Value::Bytes(bytes.into()),
        ValueRef::Real(_) => return Err(DbError::Column("(unknown)")),
    })
}

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self {
            Self::Null => ToSqlOutput::Borrowed(ValueRef::Null),
            Self::Int(number) => ToSqlOutput::Borrowed(ValueRef::Integer(*number)),
            Self::Text(text) => ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes())),
            Self::Bytes(bytes) => ToSqlOutput::Borrowed(ValueRef::Blob(bytes)),
            Self::Id(id) => ToSqlOutput::Owned(id.to_string().into()),
            Self::At(at) => ToSqlOutput::Owned(rfc3339(*at).into()),
        })
    }
}

/// Formats a time with a fixed width, so that text order is time order.
pub fn rfc3339(at: parlour_protocol::Millis) -> String {
    let at = jiff::Timestamp::from_millisecond(at.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    format!("{at:.3}")
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn the_log_of_a_linked_database_is_found_and_emptied() {
        let (dir, disk) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let [path, file] = [&dir, &disk].map(|folder| folder.path().join("parlour.db"));
        drop(Handle::writer(&file).unwrap());
        std::os::unix::fs::symlink(&file, &path).unwrap();
        let writer = Handle::writer(&path).unwrap();
        writer.run("CREATE TABLE said (text TEXT) STRICT").unwrap();
        let pool = Pool::new(&path);
        assert!(pool.log_bytes() > 0 && bytes(&path) > pool.log_bytes());
        assert!(pool.empty_log().unwrap());
        assert_eq!(pool.log_bytes(), 0);
    }

    #[test]
    fn a_new_database_gets_its_name_with_its_tables_whatever_a_killed_process_left() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("parlour.db");
        for left in ["parlour.db.new", "parlour.db.new-journal", "parlour.db.new-wal"] {
            std::fs::write(dir.path().join(left), "a part of it").unwrap();
        }
        let names = || {
            let names = dir.path().read_dir().unwrap().map(|file| file.unwrap().file_name());
            names.collect::<std::collections::BTreeSet<_>>()
        };
        let writer = Handle::writer(&path).unwrap();
        assert_eq!(writer.query("SELECT count(*) FROM users", &[]).unwrap().len(), 1);
        drop(writer);
        assert_eq!(names(), ["parlour.db".into()].into());
    }

    #[test]
    fn a_database_that_cannot_be_created_leaves_nothing() {
        let dir = tempfile::tempdir().unwrap();
        // A folder in the place of the temporary file.
        std::fs::create_dir_all(dir.path().join("parlour.db.new/x")).unwrap();
        let path = dir.path().join("parlour.db");
        assert!(Handle::writer(&path).is_err());
        assert!(path.symlink_metadata().is_err());
    }
}
