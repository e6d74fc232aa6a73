//! Reading the audit, and checking that nothing in it was changed or taken out.

use crate::app::App;
use crate::audit::{FIRST_HASH, PAGE, hash};
use crate::error::ApiError;
use crate::queries::{audit, users};
use parlour_protocol::{AuditEntry, UserId};
use std::collections::HashMap;
use uuid::Uuid;

/// What became of the chain.
#[derive(Debug, Clone, PartialEq, Eq)]
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
pub type Names = HashMap<Uuid, String>;

/// An entry as a person reads it.
pub fn line(entry: &AuditEntry, names: &Names) -> String {
    let called = |id: Option<Uuid>| {
        let name = |id: Uuid| names.get(&id).cloned().unwrap_or_else(|| id.to_string());
        id.map_or_else(|| "-".to_owned(), name)
    };
    let AuditEntry { number, action, network, details, .. } = entry;
    let at = jiff::Timestamp::from_millisecond(entry.at.0).unwrap_or_default();
    let (actor, subject) = (called(entry.actor.map(|actor| actor.0)), called(entry.subject));
    format!("{number} {at:.0} {action} {actor} {subject} {network} {details}").trim_end().to_owned()
}

/// Reads all of it, oldest first, and checks the chain.
///
/// # Errors
/// The database's.
pub async fn read(app: &App, mut each: impl FnMut(&AuditEntry, &Names)) -> Result<Chain, ApiError> {
    app.sign_in.failures.write(&app.db, app.now()).await?;
    let tx = app.db.read().await?;
    let (mut number, mut before) = audit::start(&tx).await?.unwrap_or((0, FIRST_HASH.into()));
    let (mut entries, mut broken, mut names) = (0, None, Names::new());
    loop {
        let page = audit::after(&tx, number, PAGE).await?;
        if page.is_empty() {
            break;
        }
        for entry in &page {
            let continues = entry.number == number + 1 && entry.hash == hash(&before, entry);
            if !continues && broken.is_none() {
                broken = Some(entry.number);
            }
            (number, before) = (entry.number, entry.hash.clone());
            entries += 1;
            for id in [entry.actor.map(|actor| actor.0), entry.subject].into_iter().flatten() {
                if !names.contains_key(&id)
                    && let Some(user) = users::find(&tx, UserId(id)).await?
                {
                    names.insert(id, user.row.username);
                }
            }
            each(entry, &names);
        }
    }
    // What was taken from the end leaves nothing behind that does not continue.
    let (last, hash) = audit::end(&tx).await?.unwrap_or((0, FIRST_HASH.into()));
    if broken.is_none() && (last, &hash) != (number, &before) {
        broken = Some(number + 1);
    }
    Ok(match broken {
        Some(number) => Chain::Broken { number },
        None => Chain::Whole { entries, hash: before },
    })
}
