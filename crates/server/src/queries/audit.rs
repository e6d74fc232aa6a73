//! The stored entries of the audit log, a record of sign-ins and of changes to accounts that `audit/`
//! writes.

use crate::db::{DbError, Row, Tx};
use parlour_protocol::{AuditEntry, Millis, UserId};
use uuid::Uuid;

parlour_sqlite::statements! {
    /// $1 number, $2 at, $3 actor, $4 action, $5 subject, $6 network, $7 details, $8 hash.
    INSERT = "INSERT INTO audit (number, at, actor, action, subject, network, details, hash)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    /// $1 before, $2 limit.
    BEFORE = "SELECT number, at, actor, action, subject, network, details, hash FROM audit
        WHERE number < $1 ORDER BY number DESC LIMIT $2";
    /// $1 after, $2 limit.
    AFTER = "SELECT number, at, actor, action, subject, network, details, hash FROM audit
        WHERE number > $1 ORDER BY number LIMIT $2";
    START = "SELECT number, hash FROM audit_start WHERE only_row = 1";
    /// $1 number, $2 hash.
    SET_START = "INSERT INTO audit_start (only_row, number, hash) VALUES (1, $1, $2)
        ON CONFLICT (only_row) DO UPDATE SET number = excluded.number, hash = excluded.hash";
    END = "SELECT number, hash FROM audit_end WHERE only_row = 1";
    /// $1 number, $2 hash.
    SET_END = "INSERT INTO audit_end (only_row, number, hash) VALUES (1, $1, $2)
        ON CONFLICT (only_row) DO UPDATE SET number = excluded.number, hash = excluded.hash";
    /// $1 number.
    FORGET = "DELETE FROM audit WHERE number <= $1";
}

/// Adds an entry.
pub async fn insert(tx: &Tx, entry: &AuditEntry) -> Result<(), DbError> {
    let id = |id: Option<Uuid>| id.map(|id| id.to_string()).unwrap_or_default();
    let params = [
        entry.number.into(),
        entry.at.0.into(),
        id(entry.actor.map(|actor| actor.0)).into(),
        entry.action.as_str().into(),
        id(entry.subject).into(),
        entry.network.as_str().into(),
        entry.details.as_str().into(),
        entry.hash.as_str().into(),
    ];
    tx.execute(INSERT, &params).await.map(drop)
}

/// Returns the number and hash of the newest entry that was ever added.
pub async fn end(tx: &Tx) -> Result<Option<(i64, String)>, DbError> {
    let row = tx.optional(END, &[]).await?;
    row.map(|row| Ok((row.get("number")?, row.get("hash")?))).transpose()
}

/// Stores the number and hash of the newest entry.
pub async fn set_end(tx: &Tx, number: i64, hash: &str) -> Result<(), DbError> {
    tx.execute(SET_END, &[number.into(), hash.into()]).await.map(drop)
}

/// Returns the number and hash of the last deleted entry, which the first remaining one continues.
pub async fn start(tx: &Tx) -> Result<Option<(i64, String)>, DbError> {
    let row = tx.optional(START, &[]).await?;
    row.map(|row| Ok((row.get("number")?, row.get("hash")?))).transpose()
}

/// Returns at most `limit` entries below a number, newest first.
pub async fn before(tx: &Tx, number: i64, limit: i64) -> Result<Vec<AuditEntry>, DbError> {
    tx.query(BEFORE, &[number.into(), limit.into()]).await?.iter().map(entry).collect()
}

/// Returns at most `limit` entries above a number, oldest first.
pub async fn after(tx: &Tx, number: i64, limit: i64) -> Result<Vec<AuditEntry>, DbError> {
    tx.query(AFTER, &[number.into(), limit.into()]).await?.iter().map(entry).collect()
}

/// Deletes the entries up to `number`, and stores the hash that the next one continues.
pub async fn forget(tx: &Tx, number: i64, hash: &str) -> Result<(), DbError> {
    tx.execute(SET_START, &[number.into(), hash.into()]).await?;
    tx.execute(FORGET, &[number.into()]).await.map(drop)
}

fn entry(row: &Row) -> Result<AuditEntry, DbError> {
    let id = |name| Ok::<_, DbError>(row.text(name)?.parse::<Uuid>().ok());
    Ok(AuditEntry {
        number: row.get("number")?,
        at: Millis(row.get("at")?),
        actor: id("actor")?.map(UserId),
        action: row.get("action")?,
        subject: id("subject")?,
        network: row.get("network")?,
        details: row.get("details")?,
        hash: row.get("hash")?,
    })
}
