//! Checks whether a SQLite database is undamaged, and whether its schema is known.

use super::finding::{Check, Finding};
use super::{clock, versions};
use crate::db::SCHEMA;
use parlour_sqlite::{is_damage, open_reader, open_unchanged};
use rusqlite::Connection;
use std::path::{Path, PathBuf};

const RESTORE: &str = "stop the server and restore the newest backup (docs/operations.md); keep the damaged file, \
                       from which `sqlite3 FILE .recover` may recover more";
/// The largest number of reported faults.
const MAX_FAULTS: usize = 100;

/// Examines the file; returns nothing if it does not exist yet. Reads the whole file, which may take long.
pub async fn check(path: PathBuf, is_running: bool) -> Vec<Finding> {
    if !path.metadata().is_ok_and(|file| file.len() > 0) {
        return Vec::new();
    }
    let result = tokio::task::spawn_blocking(move || examine(&path, is_running)).await;
    result.unwrap_or_else(|error| {
        vec![Finding::error(Check::Integrity, format!("the check failed: {error}"), RESTORE)]
    })
}

fn examine(path: &Path, is_running: bool) -> Vec<Finding> {
    let conn = match open(path, is_running) {
        Ok(conn) => conn,
        Err(error) => {
            let found = format!("the database {} cannot be opened: {error}", path.display());
            let to_do = "run this as the server's own user or as root";
            return vec![Finding::error(Check::Integrity, found, to_do)];
        }
    };
    let (found, known) = match read_versions(&conn) {
        Ok(versions) => versions,
        Err(finding) => return vec![finding],
    };
    let mut findings = vec![integrity(&conn), versions::compare(found.into(), known.into())];
    if found <= known {
        findings.extend(compare_clock(&conn));
    }
    findings
}

/// Opens the file without changing it.
///
/// # Errors
/// Fails with the reason if it cannot be opened.
pub fn open(path: &Path, is_running: bool) -> Result<Connection, String> {
    if !is_running {
        return open_unchanged(path).map_err(|error| error.to_string());
    }
    open_reader(path, None).map_err(|error| {
        std::error::Error::source(&error).map_or(error.to_string(), ToString::to_string)
    })
}

/// Returns the version of its schema, and the newest that is known.
fn read_versions(conn: &Connection) -> Result<(i32, i32), Finding> {
    let number = |pragma: &str| -> rusqlite::Result<i32> {
        conn.pragma_query_value(None, pragma, |row| row.get(0))
    };
    match number("application_id").and_then(|program| Ok((program, number("user_version")?))) {
        Ok((program, version)) if program == SCHEMA.application_id => {
            Ok((version, SCHEMA.version()))
        }
        Ok(_) => {
            let found = "the database belongs to another program";
            let to_do = "set `database` in parlour.toml to Parlour's database";
            Err(Finding::error(Check::Integrity, found, to_do))
        }
        Err(error) => Err(damaged(&error)),
    }
}

fn damaged(error: &rusqlite::Error) -> Finding {
    let found = if is_damage(error) {
        format!("the database is damaged: {error}")
    } else {
        format!("the database cannot be read: {error}")
    };
    Finding::error(Check::Integrity, found, RESTORE)
}

fn integrity(conn: &Connection) -> Finding {
    let result =
        conn.prepare(&format!("PRAGMA integrity_check({MAX_FAULTS})")).and_then(|mut check| {
            let lines = check.query_map([], |row| row.get::<_, String>(0))?;
            lines.collect::<rusqlite::Result<Vec<_>>>()
        });
    match result {
        Ok(lines) if lines == ["ok"] => Finding::ok(Check::Integrity, "the database is intact"),
        Ok(lines) => {
            let first = lines.first().and_then(|text| text.lines().last()).unwrap_or_default();
            let found =
                format!("the database is damaged in {} places, such as: {first}", lines.len());
            Finding::error(Check::Integrity, found, RESTORE)
        }
        Err(error) => damaged(&error),
    }
}

/// Compares the clock, unless the database has the schema of an earlier version without this column.
fn compare_clock(conn: &Connection) -> Option<Finding> {
    let sql = "SELECT clock FROM instance WHERE only_row = 1";
    let until: i64 = conn.query_row(sql, [], |row| row.get(0)).ok()?;
    Some(clock::compare(until))
}
