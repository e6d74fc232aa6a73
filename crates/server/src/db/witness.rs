//! Notices that a SQLite file was put back to an earlier state.
//!
//! Beside the database lies a small file that says how far it is. Whatever copies files can copy that
//! one with the database, so it says what no copy has: which file it is itself and when it was last
//! written, as the system counts it, and, once the database was closed, when that was last written.
//! A backup that is put back is then another file, or was written at another time. What a snapshot
//! of the whole disk brings back it cannot tell; then clients' proofs do (`instance.rs`).
//!
//! It is written after each commit and never waited for, so that a process that is killed leaves it
//! true; one that a power cut puts back is behind, and notices less.

use parlour_sqlite::private;
use std::fs::{File, Metadata};
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

/// How long, in nanoseconds, it may take to write it down after the clock was read. A copy that is put
/// back so soon after it was made is noticed by other marks only.
const SLACK_NS: i128 = 1_000_000_000;
/// Longest text in it.
const BYTES: usize = 256;

/// The small file.
pub struct Witness {
    database: PathBuf,
    path: PathBuf,
    /// Nothing where it could not be made.
    file: Option<File>,
    before: Before,
    newest: i64,
}

/// What the last process left.
enum Before {
    /// No file: the database is new, or somebody took it away.
    Nothing,
    /// The watermark alone, from an earlier version.
    Wm,
    /// All of it.
    Known {
        /// Whether it and the database are as they were left.
        is_untouched: bool,
    },
}

/// What is in the file, one word after another.
struct Known {
    wm: i64,
    /// When it was written, in nanoseconds since 1970.
    at: i128,
    /// Which file it is.
    own: String,
    /// When the database was last written, once it is closed.
    closed: Option<String>,
}

impl Known {
    fn parse(text: &str) -> Option<Self> {
        let mut words = text.split_ascii_whitespace();
        let wm = words.next()?.parse().ok()?;
        let at = words.next()?.parse().ok()?;
        let own = words.next()?.into();
        let closed = words.next()?;
        Some(Self { wm, at, own, closed: (closed != "open").then(|| closed.into()) })
    }
}

impl Witness {
    /// The witness of the database at `path`, which nobody has opened yet.
    pub fn of(database: &Path) -> Self {
        let path = database.with_extension("wm");
        let (before, newest) = before(&path, database);
        Self { database: database.to_owned(), path, file: None, before, newest }
    }

    /// Whether the database was further than this once.
    pub fn has_seen_more_than(&self, wm: i64) -> bool {
        self.newest > wm
    }

    /// Whether a database that was opened before, or this file, was written by somebody else since.
    pub fn is_touched(&self) -> bool {
        match self.before {
            Before::Nothing => true,
            Before::Wm => false,
            Before::Known { is_untouched } => !is_untouched,
        }
    }

    /// Begins to follow a database that is this far, in a file of its own.
    pub fn begin(&mut self, wm: i64) {
        self.newest = wm;
        let new = self.path.with_extension("wm-new");
        let made = private::create(&new).and_then(|file| {
            std::fs::rename(&new, &self.path)?;
            Ok(file)
        });
        match made {
            Ok(file) => self.file = Some(file),
            Err(error) => tracing::warn!(%error, "a restored backup might not be noticed"),
        }
        self.write("open");
    }

    /// Takes the watermark of a commit, or a commit without one; answers whether the database is behind
    /// what it was.
    pub fn see(&mut self, wm: Option<i64>) -> bool {
        let is_behind = wm.is_some_and(|wm| wm <= self.newest);
        self.newest = wm.unwrap_or(self.newest);
        self.write("open");
        is_behind
    }

    /// Notes that the database was closed by the last who had it open.
    pub fn close(mut self) {
        let mut log = self.database.clone().into_os_string();
        log.push("-wal");
        // With a log beside it somebody still reads, and will write it back.
        if !Path::new(&log).exists()
            && let Ok(written) = self.database.metadata()
        {
            self.write(&changed(&written));
        }
    }

    fn write(&mut self, closed: &str) {
        let Some(file) = &mut self.file else { return };
        let write = |file: &mut File| {
            let own = identity(&file.metadata()?);
            let mut text = format!("{} {} {own} {closed}\n", self.newest, now_ns()).into_bytes();
            // One length, so that none is a remnant of the one before.
            text.resize(BYTES, b' ');
            file.seek(SeekFrom::Start(0))?;
            file.write_all(&text)
        };
        if let Err(error) = write(file) {
            tracing::warn!(%error, "a restored backup might not be noticed");
        }
    }
}

/// What lies there, and how far the database was.
fn before(path: &Path, database: &Path) -> (Before, i64) {
    let Ok(text) = std::fs::read_to_string(path) else { return (Before::Nothing, 0) };
    if let Ok(wm) = text.trim().parse() {
        return (Before::Wm, wm);
    }
    let Some(known) = Known::parse(&text) else { return (Before::Nothing, 0) };
    let is_own = path.metadata().is_ok_and(|file| {
        let late = changed_ns(&file) - known.at;
        identity(&file) == known.own && (-SLACK_NS..=SLACK_NS).contains(&late)
    });
    let is_untouched = match &known.closed {
        Some(closed) => database.metadata().is_ok_and(|file| changed(&file) == *closed),
        None => true,
    };
    (Before::Known { is_untouched: is_own && is_untouched }, known.wm)
}

/// What tells a file from a copy of it: where the system keeps it, and since when.
pub fn identity(file: &Metadata) -> String {
    let born = file.created().ok().and_then(|at| at.duration_since(UNIX_EPOCH).ok());
    let born = born.map_or(0, |since| since.as_nanos());
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        format!("{}:{}:{born}", file.dev(), file.ino())
    }
    #[cfg(not(unix))]
    born.to_string()
}

/// When a file was last changed, and its length: where the system tells, no copy can choose that.
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
    let at = file.modified().ok().and_then(|at| at.duration_since(UNIX_EPOCH).ok());
    at.map_or(0, |since| i128::try_from(since.as_nanos()).unwrap_or(i128::MAX))
}

fn now_ns() -> i128 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i128::try_from(since.as_nanos()).unwrap_or(i128::MAX)
}
