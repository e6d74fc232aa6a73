//! Reading the audit, and checking that nothing in it was changed or taken out.

use crate::app::App;
use crate::audit::{FIRST_HASH, PAGE, hash};
use crate::db::Tx;
use crate::error::ApiError;
use crate::queries::{audit, users};
use parlour_protocol::{AuditEntry, UserId};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use uuid::Uuid;

/// What became of the chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Chain {
    /// Each entry is what it was when it was written, and none is missing between the first and the last.
    Whole {
        /// How many there are.
        entries: u64,
        /// The newest one's hash.
        hash: String,
    },
    /// The first entry that does not continue the one before it, or that is missing at the end.
    Broken {
        /// Its number.
        number: i64,
    },
}

/// What the people are called now whom entries are about.
type Names = HashMap<Uuid, String>;

/// An entry as a person reads it.
fn line(entry: &AuditEntry, names: &Names) -> String {
    let called = |id: Option<Uuid>| {
        let name = |id: Uuid| names.get(&id).cloned().unwrap_or_else(|| id.to_string());
        id.map_or_else(|| "-".to_owned(), name)
    };
    let AuditEntry { number, action, network, details, .. } = entry;
    let at = jiff::Timestamp::from_millisecond(entry.at.0).unwrap_or_default();
    let (actor, subject) = (called(entry.actor.map(|actor| actor.0)), called(entry.subject));
    format!("{number} {at:.0} {action} {actor} {subject} {network} {details}").trim_end().to_owned()
}

/// Reads all of it, oldest first, and checks the chain on the way.
pub struct AuditReader {
    tx: Tx,
    /// The number and hash of the entry before.
    last: (i64, String),
    entries: u64,
    broken: Option<i64>,
    names: Names,
}

impl AuditReader {
    /// Begins before the first entry, in one snapshot.
    ///
    /// # Errors
    /// The database's.
    pub async fn begin(app: &App) -> Result<Self, ApiError> {
        app.sign_in.failures.write(&app.db, app.now()).await?;
        let tx = app.db.read().await?;
        let last = audit::start(&tx).await?.unwrap_or((0, FIRST_HASH.into()));
        Ok(Self { tx, last, entries: 0, broken: None, names: Names::new() })
    }

    /// The next entries, each with the line that people read; none at the end.
    ///
    /// # Errors
    /// The database's.
    pub async fn next(&mut self) -> Result<Vec<(AuditEntry, String)>, ApiError> {
        let page = audit::after(&self.tx, self.last.0, PAGE).await?;
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

    /// What became of the chain, once all of it was read.
    ///
    /// # Errors
    /// The database's.
    pub async fn end(self) -> Result<Chain, ApiError> {
        // What was taken from the end leaves nothing behind that does not continue.
        let end = audit::end(&self.tx).await?.unwrap_or((0, FIRST_HASH.into()));
        let is_cut = end != self.last;
        let (number, hash) = self.last;
        Ok(match self.broken.or_else(|| is_cut.then_some(number + 1)) {
            Some(number) => Chain::Broken { number },
            None => Chain::Whole { entries: self.entries, hash },
        })
    }
}
