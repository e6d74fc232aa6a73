//! The audit log's hash chain: appending entries, and deleting the oldest ones.

use super::event::Event;
use crate::db::{DbError, Tx};
use crate::queries::audit;
use crate::tokens::digest;
use parlour_protocol::{AuditEntry, Millis};

/// How long an entry is kept: a year.
const RETENTION_MS: i64 = 366 * 24 * 3600 * 1000;
/// The number of entries read or deleted at a time.
pub const PAGE_SIZE: i64 = 500;
/// The previous hash of the very first entry.
pub const FIRST_HASH: &str = "";

/// Appends an event to the audit log, in the transaction that makes the change that it describes.
pub async fn record(tx: &Tx, event: Event, now: Millis) -> Result<(), DbError> {
    let (number, before) = audit::end(tx).await?.unwrap_or((0, FIRST_HASH.into()));
    let mut entry = AuditEntry {
        number: number + 1,
        at: now,
        actor: event.actor,
        action: event.action.as_str().into(),
        subject: event.subject,
        network: event.network,
        details: event.details,
        hash: String::new(),
    };
    entry.hash = hash(&before, &entry);
    audit::insert(tx, &entry).await?;
    audit::set_end(tx, entry.number, &entry.hash).await
}

/// Returns the SHA-256 of the previous hash and everything else in the entry, as a JSON list.
pub fn hash(before: &str, entry: &AuditEntry) -> String {
    let AuditEntry { number, at, actor, action, subject, network, details, hash: _ } = entry;
    let all = (before, number, at, actor, action, subject, network, details);
    digest(serde_json::to_vec(&all).expect("plain data"))
}

/// Deletes entries older than a year, the oldest first and at most [`PAGE_SIZE`] of them; the remaining chain can
/// still be verified. Returns whether there may be more to delete.
///
/// # Errors
/// Fails if the database does.
pub async fn forget_old(tx: &Tx, now: Millis) -> Result<bool, DbError> {
    let page = audit::after(tx, 0, PAGE_SIZE).await?;
    let old = page.iter().take_while(|entry| entry.at.0 < now.0 - RETENTION_MS);
    let Some(last) = old.last() else { return Ok(false) };
    audit::forget(tx, last.number, &last.hash).await?;
    Ok(page.last().is_some_and(|entry| entry.number == last.number))
}
