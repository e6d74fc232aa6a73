//! Stores the searchable names of users that an earlier version created without them.

use crate::app::App;
use crate::db::Tx;
use crate::error::ApiError;
use crate::queries::{name_keys, server_settings, users};
use parlour_protocol::UserId;
use uuid::Uuid;

/// The setting that records that this is done.
const DONE: &str = "name_keys";
/// The number of users in one transaction.
const BATCH_SIZE: i64 = 500;

/// Stores the names of all users, unless that was done before.
///
/// # Errors
/// Fails if the database does.
pub async fn store(app: &App) -> Result<(), ApiError> {
    if server_settings::find(&app.db.read().await?, DONE).await?.is_some() {
        return Ok(());
    }
    let mut after = Some(UserId(Uuid::nil()));
    while let Some(from) = after {
        after = app.write(move |tx| Box::pin(async move { store_batch(tx, from).await })).await?;
    }
    Ok(())
}

/// Stores the names of some users whose ids come after `after`; returns the last id, or `None` at the end.
async fn store_batch(tx: &Tx, after: UserId) -> Result<Option<UserId>, ApiError> {
    let people = users::page(tx, after, BATCH_SIZE).await?;
    for (user, _) in &people {
        let row = &user.row;
        let names = (row.username.as_str(), row.profile.display_name.as_str());
        name_keys::set(tx, row.id, row.erased_at.is_none().then_some(names)).await?;
    }
    if people.is_empty() {
        server_settings::put(tx, DONE, "1").await?;
    }
    Ok(people.last().map(|(user, _)| user.row.id))
}
