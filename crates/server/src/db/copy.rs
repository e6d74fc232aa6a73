//! Copies an instance from one database to another, and checks that nothing was lost.

use super::address::DatabaseAddress;
use super::error::DbError;
use super::sqlite;
use super::tx::Tx;
use super::value::{Row, Value};
use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};
use std::path::Path;

/// Every table with its key, parents before children. `instance` is copied separately.
const TABLES: &[(&str, &[&str])] = &[
    ("users", &["id"]),
    ("profiles", &["user_id"]),
    ("pictures", &["user_id"]),
    ("name_keys", &["folded", "user_id"]),
    ("sessions", &["id"]),
    ("conversations", &["id"]),
    ("conversation_members", &["conversation_id", "user_id"]),
    ("messages", &["conversation_id", "seq"]),
    ("files", &["id"]),
    ("file_parts", &["file_id", "start"]),
    ("message_files", &["message_id", "number"]),
    ("file_usage", &["owner"]),
    ("edits", &["message_id", "number"]),
    ("reactions", &["message_id", "emoji", "user_id"]),
    ("drafts", &["user_id", "conversation_id"]),
    ("saved", &["user_id", "message_id"]),
    ("settings", &["user_id", "name"]),
    ("invitations", &["id"]),
    ("server_settings", &["name"]),
    ("server_pictures", &["id"]),
    ("streams", &["kind", "id"]),
    ("ops", &["user_id", "id"]),
    ("imports", &["source"]),
    ("import_runs", &["number"]),
    ("import_conversations", &["conversation_id", "run"]),
    ("import_people", &["user_id", "run"]),
    ("audit", &["number"]),
    ("audit_end", &["only_row"]),
    ("audit_start", &["only_row"]),
    ("runs", &["number"]),
];
/// The number of rows read and written at a time.
const PAGE: usize = 500;
const INSTANCE: &str = "SELECT epoch, wm, secret, run, clock FROM instance WHERE only_row = 1";
const SET_INSTANCE: &str =
    "UPDATE instance SET epoch = $1, wm = $2, secret = $3, run = $4, clock = $5
    WHERE only_row = 1";

/// The result of copying one table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copied {
    /// The table's name.
    pub table: &'static str,
    /// The number of its rows, which is the same in both databases.
    pub rows: u64,
    /// The SHA-256 digests of its rows, combined so that their order does not matter, in hex; the same in both
    /// databases.
    pub digest: String,
}

/// Copies everything into an empty database, in one transaction, and compares row counts and digests of both
/// databases before committing. No server may run on either. `progress` is called with each table once it is
/// done. At the end `note` records in the original, in a transaction of its own, that there is a copy.
///
/// # Errors
/// Fails if a database cannot be opened, if the destination is not empty, or if the copy differs. The destination
/// is then left as it was.
pub async fn copy(
    from: &DatabaseAddress,
    to: &DatabaseAddress,
    progress: impl FnMut(&Copied),
    note: impl AsyncFnOnce(&Tx) -> Result<(), DbError>,
) -> Result<(), DbError> {
    let (from, to) = (Tx::open(from).await?, Tx::open(to).await?);
    from.engine.batch("BEGIN").await?;
    fill(&from, &to, &mut |_| true, progress, || ()).await?;
    from.engine.batch("COMMIT").await?;
    from.engine.batch("BEGIN").await?;
    note(&from).await?;
    from.engine.batch("COMMIT").await
}

/// Writes everything in a SQLite file into an empty database, as [`copy`] does. `before_commit` is called once
/// everything is written and compared.
///
/// # Errors
/// Fails for the reasons of [`copy`].
pub async fn restore(
    file: &Path,
    to: &DatabaseAddress,
    before_commit: impl FnOnce(),
) -> Result<(), DbError> {
    let from = Tx::open(&DatabaseAddress::Sqlite(file.to_owned())).await?;
    let to = Tx::open(to).await?;
    fill(&from, &to, &mut |_| true, |_| (), before_commit).await
}

/// Writes everything that a snapshot of PostgreSQL holds into a new SQLite file, as [`copy`] does.
/// `should_continue` is called with the number of rows of each page; if it returns false, the file is not
/// finished.
///
/// # Errors
/// Fails for the reasons of [`copy`], or if `should_continue` returned false.
pub async fn image(
    from: &Tx,
    file: &Path,
    should_continue: &mut dyn FnMut(usize) -> bool,
) -> Result<(), DbError> {
    let to = Tx::open(&DatabaseAddress::Sqlite(file.to_owned())).await?;
    fill(from, &to, should_continue, |_| (), || ()).await
}

/// Calls `each` with the row count and the digest of every table of a snapshot; reads every row for that. See
/// [`image`] for `should_continue`.
///
/// # Errors
/// Fails if the database does, or if `should_continue` returned false.
pub async fn digests(
    from: &Tx,
    should_continue: &mut dyn FnMut(usize) -> bool,
    mut each: impl FnMut(&Copied),
) -> Result<(), DbError> {
    for (table, key) in TABLES {
        each(&transfer(from, None, (table, key), should_continue).await?);
    }
    Ok(())
}

/// Returns the name of the first table that is not empty, if there is one. The tables are made if they are missing; no
/// server may run on the database.
///
/// # Errors
/// Fails if the database cannot be opened.
pub async fn table_with_rows(address: &DatabaseAddress) -> Result<Option<&'static str>, DbError> {
    first_with_rows(&Tx::open(address).await?).await
}

async fn first_with_rows(tx: &Tx) -> Result<Option<&'static str>, DbError> {
    for (table, _) in TABLES {
        if !tx.query(&format!("SELECT * FROM {table} LIMIT 1"), &[]).await?.is_empty() {
            return Ok(Some(table));
        }
    }
    Ok(None)
}

async fn fill(
    from: &Tx,
    to: &Tx,
    should_continue: &mut dyn FnMut(usize) -> bool,
    mut progress: impl FnMut(&Copied),
    before_commit: impl FnOnce(),
) -> Result<(), DbError> {
    to.engine.batch("BEGIN").await?;
    if let Some(table) = first_with_rows(to).await? {
        return Err(DbError::NotEmpty(table));
    }
    for (table, key) in TABLES {
        let read = transfer(from, Some(to), (table, key), should_continue).await?;
        if read != transfer(to, None, (table, key), should_continue).await? {
            return Err(DbError::CopyDiffers(table));
        }
        progress(&read);
    }
    let instance = from.one(INSTANCE, &[]).await?;
    let all: Vec<Value> = instance.names.iter().map(|column| instance.value(column)).collect();
    to.execute(SET_INSTANCE, &all).await?;
    before_commit();
    to.engine.batch("COMMIT").await
}

/// Reads a table in pages, writes each page to `to` if that is given, and returns the count and digest.
async fn transfer(
    from: &Tx,
    to: Option<&Tx>,
    (table, key): (&'static str, &[&str]),
    should_continue: &mut dyn FnMut(usize) -> bool,
) -> Result<Copied, DbError> {
    let order = key.join(", ");
    let first = format!("SELECT * FROM {table} ORDER BY {order} LIMIT {PAGE}");
    let placeholders: Vec<String> = (1..=key.len()).map(|at| format!("${at}")).collect();
    let after = format!(
        "SELECT * FROM {table} WHERE ({order}) > ({}) ORDER BY {order} LIMIT {PAGE}",
        placeholders.join(", ")
    );
    let (mut rows, mut combined) = (0, [0_u8; 32]);
    let mut page = from.query(&first, &[]).await?;
    while let Some(last) = page.last() {
        if !should_continue(page.len()) {
            return Err(DbError::Stopped);
        }
        rows += page.len() as u64;
        for row in &page {
            let digest = Sha256::digest(canonical(row));
            combined.iter_mut().zip(digest).for_each(|(sum, byte)| *sum ^= byte);
        }
        if let Some(to) = to {
            let insert = insert(table, last);
            let writes = page.iter().map(|row| to.execute(&insert, &row.values));
            futures_util::future::try_join_all(writes).await?;
        }
        let last: Vec<Value> = key.iter().map(|column| last.value(column)).collect();
        page = from.query(&after, &last).await?;
    }
    Ok(Copied { table, rows, digest: HEXLOWER.encode(&combined) })
}

fn insert(table: &str, row: &Row) -> String {
    let placeholders: Vec<String> = (1..=row.names.len()).map(|at| format!("${at}")).collect();
    let (names, placeholders) = (row.names.join(", "), placeholders.join(", "));
    format!("INSERT INTO {table} ({names}) VALUES ({placeholders})")
}

/// Returns a row in a form that is the same for both engines: ids and times as text, times in milliseconds.
fn canonical(row: &Row) -> String {
    let fields = row.names.iter().zip(&row.values).map(|(name, value)| {
        let is_time = name.ends_with("_at") || name == "last_seen";
        let text = match value {
            Value::Null => return "null".into(),
            Value::Int(number) => return number.to_string(),
            Value::Id(id) => id.to_string(),
            Value::Bytes(bytes) => HEXLOWER.encode(bytes),
            Value::At(at) => sqlite::rfc3339(*at),
            Value::Text(text) => match text.parse::<jiff::Timestamp>() {
                Ok(at) if is_time => format!("{at:.3}"),
                _ => text.clone(),
            },
        };
        format!("{text:?}")
    });
    fields.collect::<Vec<_>>().join("\u{1f}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_is_copied() {
        let ddl = super::super::postgres::MIGRATIONS.concat();
        let tables = ddl.lines().filter_map(|line| line.strip_prefix("CREATE TABLE "));
        for table in tables.map(|line| line.trim_end_matches(" (")) {
            let known = table == "instance" || TABLES.iter().any(|(name, _)| *name == table);
            assert!(known, "{table}");
        }
    }
}
