//! Opens, migrates and explains SQLite files. This crate knows nothing about chats.
//!
//! A file contains two numbers that identify it: `application_id` says which program it belongs to,
//! and `user_version` which schema it has. [`open`] checks both before it changes anything, so a
//! foreign file or one from a newer version is refused and left as it was.

pub mod durable;
mod key;
mod library;
mod memory;
mod new_folder;
pub mod private;
mod resolve;
#[cfg(unix)]
mod socket_path;

pub use key::{Key, SIDE_SUFFIXES, encrypt, is_plain, log_path};
pub use memory::{release_free_memory, zero_freed_memory};
pub use new_folder::NewFolder;
pub use resolve::{follow, resolve};
#[cfg(unix)]
pub use socket_path::SocketPath;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, TransactionBehavior};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The expected contents of a file.
#[derive(Debug, Clone, Copy)]
pub struct Schema {
    /// The number in the file's header that identifies our files.
    pub application_id: i32,
    /// The newest schema, which a new file gets.
    pub newest: &'static str,
    /// The migrations from version 1 to 2, from 2 to 3, and so on.
    pub migrations: &'static [&'static str],
}

impl Schema {
    /// Returns the number of the newest version.
    pub fn version(&self) -> i32 {
        1 + i32::try_from(self.migrations.len()).expect("a handful of migrations")
    }
}

/// When a commit is on the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// Before the call returns: for data that exists nowhere else.
    Full,
    /// Soon; a power cut may lose the last commits but never damages the file: for data that can be fetched
    /// again.
    Normal,
}

/// Why a file could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file was written by a newer version.
    #[error("{path} has schema version {found}; the newest one that this program knows is {known}")]
    Newer {
        /// The file.
        path: PathBuf,
        /// The number of the file's schema.
        found: i32,
        /// The newest known schema.
        known: i32,
    },
    /// The file belongs to another program.
    #[error("{path} is not a file of this program")]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// The file cannot be created, or made private.
    #[error("creating {path}")]
    CreateFile {
        /// The file.
        path: PathBuf,
        /// The cause.
        #[source]
        source: std::io::Error,
    },
    /// SQLite could not open the file.
    #[error("opening {path}")]
    Open {
        /// The file.
        path: PathBuf,
        /// The cause.
        #[source]
        source: rusqlite::Error,
    },
}

/// Maximum size of a write-ahead log after it was written back, in bytes: as much as it usually
/// contains.
const LOG_BYTES: i64 = 4 * 1024 * 1024;

/// Opens a file for writing: creates it if it is missing, and migrates it if it is old. With a key
/// it is encrypted; a key other than the one with which it was created looks like damage.
pub fn open(
    path: &Path,
    schema: &Schema,
    durability: Durability,
    key: Option<&Key>,
) -> Result<Connection, Error> {
    let failed = |source| Error::CreateFile { path: path.to_owned(), source };
    private::prepare(path).map_err(failed)?;
    let file = resolve(path).map_err(failed)?;
    open_prepared(&file, schema, durability, key, OpenFlags::default())
}

/// Opens a file like [`open`], at a path that [`resolve()`] returned. Refuses a link that was put there since. The
/// connection cannot attach files through links either.
pub fn open_resolved(
    path: &Path,
    schema: &Schema,
    durability: Durability,
    key: Option<&Key>,
) -> Result<Connection, Error> {
    private::prepare(path).map_err(|source| Error::CreateFile { path: path.to_owned(), source })?;
    let flags = OpenFlags::default() | OpenFlags::SQLITE_OPEN_NOFOLLOW;
    open_prepared(path, schema, durability, key, flags)
}

/// Opens a file that is private already.
fn open_prepared(
    path: &Path,
    schema: &Schema,
    durability: Durability,
    key: Option<&Key>,
    flags: OpenFlags,
) -> Result<Connection, Error> {
    let failed = |source| Error::Open { path: path.to_owned(), source };
    library::initialize();
    restrict_side_files(path)
        .map_err(|source| Error::CreateFile { path: path.to_owned(), source })?;
    let mut conn = Connection::open_with_flags(path, flags).map_err(failed)?;
    set_key(&conn, key).map_err(failed)?;
    conn.busy_timeout(Duration::from_secs(5)).map_err(failed)?;
    check(&conn, path, schema)?;
    let synchronous = match durability {
        Durability::Full => "FULL",
        Durability::Normal => "NORMAL",
    };
    conn.pragma_update(None, "journal_mode", "WAL").map_err(failed)?;
    conn.pragma_update(None, "synchronous", synchronous).map_err(failed)?;
    conn.pragma_update(None, "journal_size_limit", LOG_BYTES).map_err(failed)?;
    conn.pragma_update(None, "foreign_keys", true).map_err(failed)?;
    conn.pragma_update(None, "trusted_schema", false).map_err(failed)?;
    keep_statements(&conn).map_err(failed)?;
    migrate(&mut conn, schema).map_err(failed)?;
    Ok(conn)
}

/// Opens a database in memory, which exists as long as its connection: empty, or with the contents of an
/// image of another one (`Connection::serialize`).
pub fn open_in_memory(schema: &Schema, image: Option<&[u8]>) -> Result<Connection, Error> {
    let path = PathBuf::from(":memory:");
    let failed = |source| Error::Open { path: path.clone(), source };
    library::initialize();
    let mut conn = Connection::open_in_memory().map_err(failed)?;
    if let Some(image) = image {
        conn.deserialize_read_exact(rusqlite::MAIN_DB, image, image.len(), false)
            .map_err(failed)?;
    }
    check(&conn, &path, schema)?;
    conn.pragma_update(None, "foreign_keys", true).map_err(failed)?;
    keep_statements(&conn).map_err(failed)?;
    migrate(&mut conn, schema).map_err(failed)?;
    Ok(conn)
}

/// Maximum number of prepared statements that a connection caches.
const CACHED_STATEMENTS: usize = 128;

/// Caches prepared statements. Their plans do not depend on the values bound to them (QPSG): otherwise SQLite prepares a
/// statement again whenever another limit is bound, and tests could not examine its plan.
fn keep_statements(conn: &Connection) -> rusqlite::Result<()> {
    conn.set_prepared_statement_cache_capacity(CACHED_STATEMENTS);
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map(drop)
}

/// Restricts the files next to a database to their owner.
fn restrict_side_files(path: &Path) -> std::io::Result<()> {
    for suffix in key::SIDE_SUFFIXES {
        match private::restrict(&key::with_suffix(path, suffix)) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            restricted => restricted?,
        }
    }
    Ok(())
}

fn set_key(conn: &Connection, key: Option<&Key>) -> rusqlite::Result<()> {
    let Some(key) = key else { return Ok(()) };
    key.set_key(conn)?;
    // SQLCipher would log every wrong key and every damaged page to the console; our errors report
    // them.
    conn.pragma_update(None, "cipher_log_level", "NONE")
}

/// Opens a file that [`open`] may have created, without checking its contents.
pub fn open_unchecked(path: &Path, key: Option<&Key>) -> rusqlite::Result<Connection> {
    library::initialize();
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(path, flags)?;
    set_key(&conn, key)?;
    Ok(conn)
}

/// Opens a file that no program has open, for reading only and without checking its contents. The file and its log
/// stay as they are.
pub fn open_unchanged(path: &Path) -> rusqlite::Result<Connection> {
    library::initialize();
    let mut uri = String::from("file:");
    for byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'/' | b'-' | b'_' | b'.' | b'~' => uri.push(char::from(*byte)),
            byte if byte.is_ascii_alphanumeric() => uri.push(char::from(*byte)),
            byte => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    // If there is a log, its pages are part of the file, and the index of them is written next to it.
    if !key::log_path(path).metadata().is_ok_and(|log| log.len() > 0) {
        uri.push_str("?immutable=1");
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY
        | OpenFlags::SQLITE_OPEN_URI
        | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    Connection::open_with_flags(uri, flags)
}

/// Returns whether a file is a SQLite database that no program has filled: without identifying numbers and without
/// tables. Does not change it. Returns false for everything else, also if it cannot be read. Call it only for regular
/// files: opening a FIFO blocks.
pub fn contains_nothing(path: &Path) -> bool {
    /// The beginning of a file, and the offset in it of the number that identifies the program.
    const MAGIC: &[u8] = b"SQLite format 3\0";
    const APPLICATION_ID: std::ops::Range<usize> = 68..72;
    let mut header = [0; 100];
    let read = std::fs::File::open(path).and_then(|mut file| file.read_exact(&mut header));
    if read.is_err() || !header.starts_with(MAGIC) || header[APPLICATION_ID] != [0; 4] {
        return false;
    }
    open_unchanged(path).is_ok_and(|conn| is_empty(&conn, path).unwrap_or(false))
}

/// Opens a file that [`open`] created, for reading only.
pub fn open_reader(path: &Path, key: Option<&Key>) -> Result<Connection, Error> {
    let failed = |source| Error::Open { path: path.to_owned(), source };
    let conn = open_unchecked(path, key).map_err(failed)?;
    conn.busy_timeout(Duration::from_secs(5)).map_err(failed)?;
    conn.pragma_update(None, "query_only", true).map_err(failed)?;
    conn.pragma_update(None, "trusted_schema", false).map_err(failed)?;
    conn.pragma_update(None, "mmap_size", 256 * 1024 * 1024).map_err(failed)?;
    // In KiB, four times the default: the pages that a search through a long history reads stay
    // decrypted for the next typed letter.
    conn.pragma_update(None, "cache_size", -8000).map_err(failed)?;
    keep_statements(&conn).map_err(failed)?;
    Ok(conn)
}

fn check(conn: &Connection, path: &Path, schema: &Schema) -> Result<(), Error> {
    let number = |pragma: &str| -> Result<i32, Error> {
        conn.pragma_query_value(None, pragma, |row| row.get(0))
            .map_err(|source| Error::Open { path: path.to_owned(), source })
    };
    let (application_id, found) = (number("application_id")?, number("user_version")?);
    // The program that created the file may have ended before it wrote anything.
    let is_new = application_id == 0 && found == 0 && is_empty(conn, path)?;
    if !is_new && application_id != schema.application_id {
        return Err(Error::Foreign { path: path.to_owned() });
    }
    if found > schema.version() {
        return Err(Error::Newer { path: path.to_owned(), found, known: schema.version() });
    }
    Ok(())
}

fn is_empty(conn: &Connection, path: &Path) -> Result<bool, Error> {
    let sql = "SELECT NOT EXISTS (SELECT 1 FROM sqlite_schema)";
    conn.query_row(sql, [], |row| row.get(0))
        .map_err(|source| Error::Open { path: path.to_owned(), source })
}

/// Migrates the file to the newest schema, with one transaction per step.
fn migrate(conn: &mut Connection, schema: &Schema) -> rusqlite::Result<()> {
    let found: i32 = conn.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if found == 0 {
        let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
        tx.execute_batch(schema.newest)?;
        tx.pragma_update(None, "application_id", schema.application_id)?;
        tx.pragma_update(None, "user_version", schema.version())?;
        return tx.commit();
    }
    for (version, step) in (2..).zip(schema.migrations).filter(|(version, _)| *version > found) {
        let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
        tx.execute_batch(step)?;
        tx.pragma_update(None, "user_version", version)?;
        tx.commit()?;
    }
    Ok(())
}

/// Returns SQLite's plan for a statement, one line per step, for tests that forbid scans.
pub fn explain(conn: &Connection, sql: &str) -> rusqlite::Result<Vec<String>> {
    let mut statement = conn.prepare(&format!("EXPLAIN QUERY PLAN {sql}"))?;
    statement.raw_query().mapped(|row| row.get("detail")).collect()
}

/// Returns whether an error means that the file itself is unusable: SQLite says so, or its tables
/// do not match our statements, which are fixed and tested.
pub fn is_damage(error: &rusqlite::Error) -> bool {
    use rusqlite::ErrorCode::{DatabaseCorrupt, NotADatabase};
    matches!(error, rusqlite::Error::SqlInputError { .. })
        || matches!(error.sqlite_error_code(), Some(DatabaseCorrupt | NotADatabase))
}

/// Returns whether an error means that the disk is full.
pub fn is_full(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(rusqlite::ErrorCode::DiskFull)
}

/// Defines each SQL statement of a file once: as a constant to run, and as an entry in `ALL`, from
/// which tests prepare and explain every statement.
#[macro_export]
macro_rules! statements {
    ($($(#[$doc:meta])* $name:ident = $sql:expr;)*) => {
        $($(#[$doc])* const $name: &str = $sql;)*
        #[cfg(test)]
        pub(crate) const ALL: &[(&str, &str)] = &[$((stringify!($name), $sql)),*];
    };
}

#[cfg(test)]
mod tests;
