//! Detects that a SQLite file was restored to an earlier state.
//!
//! Next to the database is a small file, the witness, with the database's watermark. A tool that copies files can
//! copy the witness together with the database, so it also contains what a copy cannot have: its own identity as a
//! file, when it was last written according to the file system and, once the database is closed, when the database
//! was last written. A restored backup is another file, or was written at another time. The witness cannot detect
//! that a snapshot of the whole disk was restored; the clients' proofs do that (`proof.rs`).
//!
//! The witness is written after each commit, without waiting for the disk. If the process is killed it is
//! still correct. After a power failure it may be older than the database, and then detects less.

use crate::no_follow::chown_to_folder_owner;
use crate::regular_file;
use parlour_sqlite::private;
use std::fs::{File, Metadata};
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

/// The longest time in nanoseconds between reading the clock and writing the file. A copy that is restored within
/// that time after it was made can only be detected by the other properties.
const TOLERANCE_NS: i128 = 1_000_000_000;
/// The length of the file in bytes.
const BYTES: usize = 256;

/// The witness file of a database.
pub struct Witness {
    database: PathBuf,
    path: PathBuf,
    /// The open file, or `None` if it could not be created.
    file: Option<File>,
    previous: Previous,
    newest: i64,
}

/// The witness file as the last process left it.
enum Previous {
    /// No valid file: the database is new, or the file was removed.
    Missing,
    /// Only the watermark, from an earlier version.
    Watermark,
    /// The complete content.
    Complete {
        /// Whether the witness and the database are unmodified since then.
        is_unmodified: bool,
    },
}

/// The content of the file: fields separated by spaces.
struct Content {
    watermark: i64,
    /// When it was written, in nanoseconds since 1970.
    written_at: i128,
    /// The identity of the witness file.
    identity: String,
    /// When the database was last written, if it was closed.
    closed: Option<String>,
}

impl Content {
    fn parse(text: &str) -> Option<Self> {
        let mut fields = text.split_ascii_whitespace();
        let watermark = fields.next()?.parse().ok()?;
        let written_at = fields.next()?.parse().ok()?;
        let identity = fields.next()?.into();
        let closed = fields.next()?;
        Some(Self {
            watermark,
            written_at,
            identity,
            closed: (closed != "open").then(|| closed.into()),
        })
    }
}

impl Witness {
    /// Reads the witness of the database at path `database`, which must not be open yet.
    pub fn open(database: &Path) -> Self {
        let path = database.with_extension("wm");
        let (previous, newest) = previous(&path, database);
        Self { database: database.to_owned(), path, file: None, previous, newest }
    }

    /// Returns whether the database once had a higher watermark than `watermark`.
    pub fn has_seen_more_than(&self, watermark: i64) -> bool {
        self.newest > watermark
    }

    /// Returns whether the witness or the database was written or replaced by anything else since the last
    /// process left them, or the witness is missing.
    pub fn is_modified(&self) -> bool {
        match self.previous {
            Previous::Missing => true,
            Previous::Watermark => false,
            Previous::Complete { is_unmodified } => !is_unmodified,
        }
    }

    /// Creates a new witness file, for a database with this watermark.
    pub fn begin(&mut self, watermark: i64) {
        self.newest = watermark;
        let new = self.path.with_extension("wm-new");
        let created = private::create(&new).and_then(|file| {
            chown_to_folder_owner(&new)?;
            std::fs::rename(&new, &self.path)?;
            Ok(file)
        });
        match created {
            Ok(file) => self.file = Some(file),
            Err(error) => tracing::warn!(%error, "a restored backup may go undetected"),
        }
        self.write("open");
    }

    /// Records a commit, with its watermark if it has one. Returns whether that watermark is not higher than the
    /// previous one, which means that the database was restored.
    pub fn record_commit(&mut self, watermark: Option<i64>) -> bool {
        let is_behind = watermark.is_some_and(|watermark| watermark <= self.newest);
        self.newest = watermark.unwrap_or(self.newest);
        self.write("open");
        is_behind
    }

    /// Records when the database was last written, if no other process has it open.
    pub fn close(mut self) {
        // If the write-ahead log still exists, another process has the database open and will write it back.
        if !parlour_sqlite::log_path(&self.database).exists()
            && let Ok(metadata) = self.database.metadata()
        {
            self.write(&changed(&metadata));
        }
    }

    fn write(&mut self, closed: &str) {
        let Some(file) = &mut self.file else { return };
        let write = |file: &mut File| {
            let identity = identity(&file.metadata()?);
            let mut text =
                format!("{} {} {identity} {closed}\n", self.newest, now_ns()).into_bytes();
            // The length is always the same, so that nothing of the previous text remains.
            text.resize(BYTES, b' ');
            file.seek(SeekFrom::Start(0))?;
            file.write_all(&text)
        };
        if let Err(error) = write(file) {
            tracing::warn!(%error, "a restored backup may go undetected");
        }
    }
}

/// Reads the witness at `path`. Returns the state in which the last process left it, and the watermark in it.
fn previous(path: &Path, database: &Path) -> (Previous, i64) {
    let Ok(text) = regular_file::read_text(path) else { return (Previous::Missing, 0) };
    if let Ok(watermark) = text.trim().parse() {
        return (Previous::Watermark, watermark);
    }
    let Some(content) = Content::parse(&text) else { return (Previous::Missing, 0) };
    let is_own = path.metadata().is_ok_and(|file| {
        let delay_ns = changed_ns(&file) - content.written_at;
        identity(&file) == content.identity && (-TOLERANCE_NS..=TOLERANCE_NS).contains(&delay_ns)
    });
    let is_unmodified = match &content.closed {
        Some(closed) => database.metadata().is_ok_and(|file| changed(&file) == *closed),
        None => true,
    };
    (Previous::Complete { is_unmodified: is_own && is_unmodified }, content.watermark)
}

/// Returns the identity of a file, which distinguishes it from its copies: device and inode (on Unix), and when it
/// was created.
pub fn identity(file: &Metadata) -> String {
    let created_at = file.created().ok().and_then(|at| at.duration_since(UNIX_EPOCH).ok());
    let created_at = created_at.map_or(0, |since| since.as_nanos());
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        format!("{}:{}:{created_at}", file.dev(), file.ino())
    }
    #[cfg(not(unix))]
    created_at.to_string()
}

/// Returns when a file was last changed, and its length. On Unix, programs that copy files cannot set that time.
fn changed(file: &Metadata) -> String {
    format!("{}:{}", changed_ns(file), file.len())
}

#[cfg(unix)]
fn changed_ns(file: &Metadata) -> i128 {
    use std::os::unix::fs::MetadataExt;
    i128::from(file.ctime()) * 1_000_000_000 + i128::from(file.ctime_nsec())
}

#[cfg(not(unix))]
fn changed_ns(file: &Metadata) -> i128 {
    let written_at = file.modified().ok().and_then(|at| at.duration_since(UNIX_EPOCH).ok());
    written_at.map_or(0, |since| i128::try_from(since.as_nanos()).unwrap_or(i128::MAX))
}

fn now_ns() -> i128 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i128::try_from(since.as_nanos()).unwrap_or(i128::MAX)
}
