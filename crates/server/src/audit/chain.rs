//! The chain of entries: how it goes on, and how its beginning is forgotten.

use super::event::Event;
use crate::db::{DbError, Tx};
use crate::queries::audit;
use crate::tokens::digest;
use parlour_protocol::{AuditEntry, Millis};

/// How long an entry is kept: a year.
const KEPT_MS: i64 = 366 * 24 * 3600 * 1000;
/// Entries read or forgotten at a time.
pub const PAGE: i64 = 500;
/// What the first entry continues.
pub const FIRST_HASH: &str = "";

/// Notes an event, in the transaction of what it tells.
pub async fn note(tx: &Tx, event: Event, now: Millis) -> Result<(), DbError> {
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

/// SHA-256 over the hash before and everything in the entry, as a JSON list.
pub fn hash(before: &str, entry: &AuditEntry) -> String {
    let AuditEntry { number, at, actor, action, subject, network, details, hash: _ } = entry;
    let all = (before, number, at, actor, action, subject, network, details);
    digest(serde_json::to_vec(&all).expect("plain data"))
}

/// Forgets some of what is older than a year, from the beginning; what follows still continues it. Answers
/// whether there may be more.
///
/// # Errors
/// The database's.
pub async fn forget_old(tx: &Tx, now: Millis) -> Result<bool, DbError> {
    let page = audit::after(tx, 0, PAGE).await?;
    let old = page.iter().take_while(|entry| entry.at.0 < now.0 - KEPT_MS);
    let Some(last) = old.last() else { return Ok(false) };
    audit::forget(tx, last.number, &last.hash).await?;
    Ok(page.last().is_some_and(|entry| entry.number == last.number))
}
