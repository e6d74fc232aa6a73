//! Notices that a SQLite file was put back to an earlier state.
//!
//! Beside the database lies a small file with the newest watermark. A backup restored into the
//! database's place is behind it, and the server then begins a new epoch by itself. (A backup copied
//! to a new place is known by where it lies; on PostgreSQL the cluster's and the table's identity
//! tell.) It is written once a second at most and never waited for: one that is behind notices less,
//! but is never wrong.

use parlour_sqlite::private;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How often the file is written at most.
const EVERY: Duration = Duration::from_secs(1);

/// The small file.
pub struct Witness {
    path: PathBuf,
    written: Option<Instant>,
    newest: i64,
    on_disk: i64,
}

impl Witness {
    /// The witness of the database at `path`.
    pub fn of(path: &Path) -> Self {
        let path = path.with_extension("wm");
        let text = std::fs::read_to_string(&path).unwrap_or_default();
        let on_disk = text.trim().parse().unwrap_or(0);
        Self { path, written: None, newest: on_disk, on_disk }
    }

    /// Whether the database was further than this once.
    pub fn has_seen_more_than(&self, wm: i64) -> bool {
        self.on_disk > wm
    }

    /// Takes the watermark of a database that begins a new epoch.
    pub fn begin(&mut self, wm: i64) {
        self.newest = wm;
        self.write();
    }

    /// Takes the watermark of a commit.
    pub fn see(&mut self, wm: i64) {
        self.newest = wm;
        if self.written.is_none_or(|at| at.elapsed() >= EVERY) {
            self.write();
        }
    }

    fn write(&mut self) {
        self.written = Some(Instant::now());
        match private::write(&self.path, format!("{}\n", self.newest).as_bytes()) {
            Ok(()) => self.on_disk = self.newest,
            Err(error) => tracing::warn!(%error, "a restored backup might not be noticed"),
        }
    }
}

impl Drop for Witness {
    fn drop(&mut self) {
        if self.newest != self.on_disk {
            self.write();
        }
    }
}
