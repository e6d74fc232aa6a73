//! Usernames with a final sigma, which earlier versions compared as if it were another letter than the sigma within a
//! word: `Νίκος` and `ΝΊΚΟΣ` could be two users.

use super::reserved::{rename, unused_name};
use crate::app::App;
use crate::db::Tx;
use crate::error::ApiError;
use crate::names::username_key;
use crate::queries::users;
use parlour_protocol::{Millis, UserRow};

/// Computes the keys of users with a final sigma, which a migration removed. If another user has the same key, the one
/// with the greater id, usually the newer, is renamed (`Νίκος` becomes `Νίκος-1`, or the next one that is free), and
/// that is recorded in the log and in the audit log.
///
/// # Errors
/// Fails if the database does.
pub async fn compute_keys(app: &App) -> Result<(), ApiError> {
    let tx = app.db.read().await?;
    if users::with_removed_keys(&tx).await?.is_empty() {
        return Ok(());
    }
    drop(tx);
    let now = app.now();
    app.write(move |tx| {
        Box::pin(async move {
            users::compute_looks(tx).await?;
            for row in users::with_removed_keys(tx).await? {
                compute_one(tx, row, now).await?;
            }
            Ok(())
        })
    })
    .await
}

async fn compute_one(tx: &Tx, row: UserRow, now: Millis) -> Result<(), ApiError> {
    // Another program may have inserted a name that no user can have.
    let Some(key) = username_key(&row.username) else { return Ok(()) };
    let found = users::by_username(tx, &row.username).await?.map(|account| account.row);
    match found.filter(|other| other.id != row.id) {
        Some(other) if other.id < row.id => return rename_one(tx, row, now).await,
        Some(other) => rename_one(tx, other, now).await?,
        None => {}
    }
    Ok(users::set_key(tx, row.id, &key).await?)
}

async fn rename_one(tx: &Tx, row: UserRow, now: Millis) -> Result<(), ApiError> {
    let new_name = unused_name(tx, &row.username).await?;
    rename(tx, row, new_name, "taken", now).await
}
