//! Checks whether a SQLite database that no server has open is the one that the last server left.

use super::finding::{Check, Finding};
use super::server::ExaminedServer;
use crate::db::{DatabaseAddress, Witness};
use parlour_sqlite::open_unchanged;
use std::path::Path;

/// Compares the database with its witness: the file next to it that only the server writes.
pub fn check(server: &ExaminedServer) -> Option<Finding> {
    let DatabaseAddress::Sqlite(path) = &server.database else { return None };
    // A running server writes the witness at each commit, and checks the file itself.
    if server.is_running {
        return None;
    }
    let (watermark, witness) = (watermark(path)?, Witness::open(path));
    if witness.has_seen_more_than(watermark) {
        let found = "the database is behind: changes that servers confirmed are not in it, as when its log \
            (parlour.db-wal) was taken away, or an earlier one was put in its place";
        let to_do = "if you have the log or a newer copy, put that in its place before the server starts; else start \
            the server: clients fetch everything anew, and offer again what they sent";
        return Some(Finding::error(Check::History, found, to_do));
    }
    if witness.is_touched() && watermark > 0 {
        let found =
            "the database, or the file parlour.wm beside it, is not as the last server left it";
        let to_do = "nothing if you put a backup back or changed their owner or mode: at the next start clients fetch \
            everything once more";
        return Some(Finding::warning(Check::History, found, to_do));
    }
    Some(Finding::ok(Check::History, "the database is as the last server left it"))
}

/// Returns the database's watermark; `None` if it cannot be read, which another check reports.
fn watermark(path: &Path) -> Option<i64> {
    let sql = "SELECT wm FROM instance WHERE only_row = 1";
    open_unchanged(path).ok()?.query_row(sql, [], |row| row.get(0)).ok()
}
