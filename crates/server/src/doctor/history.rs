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
        let found = "the database is outdated: it lacks changes that the server confirmed, because its log \
                     (parlour.db-wal) was removed, or an earlier copy replaced it";
        let to_do = "if you have the log or a newer copy, restore that before the server starts; otherwise start \
                     the server: clients fetch everything again, and offer to resend what they sent";
        return Some(Finding::error(Check::History, found, to_do));
    }
    if witness.is_modified() && watermark > 0 {
        let found = "the database, or the file parlour.wm next to it, was modified since the last server stopped";
        let to_do = "nothing if you restored a backup or changed their owner or mode: at the next start clients \
                     fetch everything again";
        return Some(Finding::warning(Check::History, found, to_do));
    }
    Some(Finding::ok(Check::History, "the database is unchanged since the last server stopped"))
}

/// Returns the database's watermark; `None` if it cannot be read, which another check reports.
fn watermark(path: &Path) -> Option<i64> {
    let sql = "SELECT wm FROM instance WHERE only_row = 1";
    open_unchanged(path).ok()?.query_row(sql, [], |row| row.get(0)).ok()
}
