//! What is recorded of an import, so that it can be undone.

use crate::db::{DbError, Tx};
use crate::queries::import_runs;
use parlour_protocol::UserId;
use std::collections::HashSet;

/// The running import, and the people of whom it added something.
#[derive(Debug, Default)]
pub struct Origin {
    /// The number of the import; 0 for a dry run.
    pub run: i64,
    /// Whether an import was undone before, so that there may be reactions to messages that this one adds.
    pub follows_undo: bool,
    people: HashSet<UserId>,
}

impl Origin {
    /// Creates it for the import with this number.
    pub fn new(run: i64, follows_undo: bool) -> Self {
        Self { run, follows_undo, people: HashSet::new() }
    }

    /// Records that the import added something of these people, or changed it.
    pub async fn record(
        &mut self,
        tx: &Tx,
        people: impl IntoIterator<Item = UserId>,
    ) -> Result<(), DbError> {
        for user in people {
            if self.people.insert(user) {
                import_runs::add_person(tx, self.run, user, false).await?;
            }
        }
        Ok(())
    }
}
