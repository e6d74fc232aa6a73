//! Reads the audit log, and checks that no entry was changed or removed.

use crate::app::App;
use crate::audit::{FIRST_HASH, PAGE_SIZE, hash};
use crate::db::Tx;
use crate::error::ApiError;
use crate::queries::{audit, users};
use parlour_protocol::{AuditEntry, UserId};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use uuid::Uuid;

/// The state of the hash chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Chain {
    /// No entry was changed, and none is missing between the first and the last.
    Whole {
        /// The number of entries.
        entries: u64,
        /// The hash of the newest entry.
        hash: String,
    },
    /// The first entry that does not continue the one before it, or that is missing at the end.
    Broken {
        /// Its number.
        number: i64,
    },
}

/// The current usernames of the users in entries.
type Names = HashMap<Uuid, String>;

/// Formats an entry as a line of text.
fn line(entry: &AuditEntry, names: &Names) -> String {
    let name_of = |id: Option<Uuid>| {
        let name = |id: Uuid| names.get(&id).cloned().unwrap_or_else(|| id.to_string());
        id.map_or_else(|| "-".to_owned(), name)
    };
    let AuditEntry { number, action, network, details, .. } = entry;
    let at = jiff::Timestamp::from_millisecond(entry.at.0).unwrap_or_default();
    let (actor, subject) = (name_of(entry.actor.map(|actor| actor.0)), name_of(entry.subject));
    format!("{number} {at:.0} {action} {actor} {subject} {network} {details}").trim_end().to_owned()
}

/// Reads the whole audit, oldest entry first, and checks the chain.
pub struct AuditReader {
    tx: Tx,
    /// The number and hash of the previous entry.
    last: (i64, String),
    entries: u64,
    broken: Option<i64>,
    names: Names,
}

impl AuditReader {
    /// Starts before the first entry. All entries are read from one snapshot.
    ///
    /// # Errors
    /// Fails if the database does.
    pub async fn begin(app: &App) -> Result<Self, ApiError> {
        app.sign_in.failures.write(&app.db, app.now()).await?;
        let tx = app.db.read().await?;
        let last = audit::start(&tx).await?.unwrap_or((0, FIRST_HASH.into()));
        Ok(Self { tx, last, entries: 0, broken: None, names: Names::new() })
    }

    /// Returns the next entries, each with its line of text; an empty list at the end.
    ///
    /// # Errors
    /// Fails if the database does.
    pub async fn next(&mut self) -> Result<Vec<(AuditEntry, String)>, ApiError> {
        let page = audit::after(&self.tx, self.last.0, PAGE_SIZE).await?;
        let mut lines = Vec::with_capacity(page.len());
        for entry in page {
            let (number, before) = &self.last;
            let continues = entry.number == number + 1 && entry.hash == hash(before, &entry);
            if !continues && self.broken.is_none() {
                self.broken = Some(entry.number);
            }
            self.last = (entry.number, entry.hash.clone());
            self.entries += 1;
            self.load_names(&entry).await?;
            let line = line(&entry, &self.names);
            lines.push((entry, line));
        }
        Ok(lines)
    }

    async fn load_names(&mut self, entry: &AuditEntry) -> Result<(), ApiError> {
        for id in [entry.actor.map(|actor| actor.0), entry.subject].into_iter().flatten() {
            if !self.names.contains_key(&id)
                && let Some(user) = users::find(&self.tx, UserId(id)).await?
            {
                self.names.insert(id, user.row.username);
            }
        }
        Ok(())
    }

    /// Returns the state of the chain, once all entries were read.
    ///
    /// # Errors
    /// Fails if the database does.
    pub async fn end(self) -> Result<Chain, ApiError> {
        // If entries are missing at the end, the remaining ones still form a valid chain, so the stored end is
        // compared.
        let end = audit::end(&self.tx).await?.unwrap_or((0, FIRST_HASH.into()));
        let is_truncated = end != self.last;
        let (number, hash) = self.last;
        Ok(match self.broken.or_else(|| is_truncated.then_some(number + 1)) {
            Some(number) => Chain::Broken { number },
            None => Chain::Whole { entries: self.entries, hash },
        })
    }
}
