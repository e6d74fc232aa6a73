//! The key of an encrypted file.
//!
//! SQLCipher encrypts every page (AES-256-CBC) and authenticates it (HMAC-SHA512). The key is
//! random, so nothing is derived from a password here. See
//! <https://www.zetetic.net/sqlcipher/design/>.

use crate::resolve::follow;
// Links OpenSSL.
use openssl_sys as _;
use rusqlite::{Connection, ffi};
use std::fmt;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use zeroize::Zeroizing;

/// The bytes with which every plain SQLite file starts.
const PLAIN_HEADER: &[u8; 16] = b"SQLite format 3\0";

/// A 256-bit key. It is never printed, its clones share one allocation, and it is zeroed when
/// the last of them is dropped.
#[derive(Clone)]
pub struct Key(Arc<Zeroizing<[u8; 32]>>);

impl Key {
    /// Creates a key whose bytes `fill` writes in place: from a random source, or by unwrapping.
    pub fn fill(fill: impl FnOnce(&mut [u8; 32])) -> Self {
        let mut key = Arc::new(Zeroizing::new([0; 32]));
        fill(Arc::get_mut(&mut key).expect("it is new"));
        Self(key)
    }

    /// Creates a key of these bytes; `None` if they are not 32.
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        (bytes.len() == 32).then(|| Self::fill(|key| key.copy_from_slice(bytes)))
    }

    /// Returns the bytes, to be used only for wrapping the key.
    pub fn expose(&self) -> &[u8; 32] {
        &self.0
    }

    /// Sets the key of a connection; must be its first operation.
    pub(crate) fn set_key(&self, conn: &Connection) -> rusqlite::Result<()> {
        let text = self.raw();
        let length = i32::try_from(text.len()).expect("67 characters");
        // SAFETY: the connection is open for as long as it is borrowed; SQLCipher reads `length` bytes
        // and keeps a copy of its own, which it wipes when the connection ends.
        #[expect(unsafe_code, reason = "the key is set by a C function")]
        let code = unsafe { ffi::sqlite3_key(conn.handle(), text.as_ptr().cast(), length) };
        if code == ffi::SQLITE_OK {
            return Ok(());
        }
        Err(rusqlite::Error::SqliteFailure(ffi::Error::new(code), None))
    }

    /// Returns the key in the form in which SQLCipher accepts one without deriving it.
    fn raw(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::with_capacity(67));
        text.push_str("x'");
        for byte in self.0.iter() {
            for digit in [byte >> 4, byte & 15] {
                text.push(char::from_digit(u32::from(digit), 16).expect("a digit"));
            }
        }
        text.push('\'');
        text
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key")
    }
}

/// Returns whether the file exists and is a plain SQLite file, which is not encrypted.
pub fn is_plain(path: &Path) -> bool {
    let mut header = [0; 16];
    let read = std::fs::File::open(path).and_then(|mut file| file.read_exact(&mut header));
    read.is_ok() && &header == PLAIN_HEADER
}

/// Replaces a plain file by an encrypted one; no plain copy stays. If the program is interrupted, the plain
/// file is intact until the encrypted one is complete.
///
/// # Errors
/// Fails if the file cannot be read, or if there is no space for another one; the plain file still
/// exists then.
pub fn encrypt(path: &Path, key: &Key) -> rusqlite::Result<()> {
    let path = &follow(path);
    let new = with_suffix(path, ".encrypted");
    let failed = |error: std::io::Error| {
        rusqlite::Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_IOERR), Some(error.to_string()))
    };
    crate::library::initialize();
    let _ = std::fs::remove_file(&new);
    crate::private::prepare(&new).map_err(failed)?;
    let conn = Connection::open(path)?;
    let number = |name: &str| conn.pragma_query_value(None, name, |row| row.get::<_, i32>(0));
    let (application_id, user_version) = (number("application_id")?, number("user_version")?);
    conn.execute("ATTACH ?1 AS encrypted KEY ?2", (new.to_string_lossy(), key.raw().as_str()))?;
    conn.query_row("SELECT sqlcipher_export('encrypted')", [], |_| Ok(()))?;
    let name = Some("encrypted");
    conn.pragma_update(name, "application_id", application_id)?;
    conn.pragma_update(name, "user_version", user_version)?;
    conn.execute_batch("DETACH encrypted")?;
    conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    conn.close().map_err(|(_, error)| error)?;
    std::fs::File::open(&new).and_then(|file| file.sync_all()).map_err(failed)?;
    for suffix in SIDE_SUFFIXES {
        let _ = std::fs::remove_file(with_suffix(path, suffix));
    }
    crate::durable::rename(&new, path).map_err(failed)
}

/// What follows a database's name in the names of the files that SQLite keeps next to it.
pub const SIDE_SUFFIXES: [&str; 3] = ["-wal", "-shm", "-journal"];

/// Returns the path of a database's write-ahead log. If the database is a link, its log is next to the target.
pub fn log_path(database: &Path) -> PathBuf {
    with_suffix(&follow(database), SIDE_SUFFIXES[0])
}

pub(crate) fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}
