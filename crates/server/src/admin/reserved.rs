//! Names that earlier versions gave to people and that mean something else now: those that call everybody in a
//! group, and those of erased accounts.

use crate::app::App;
use crate::audit::{self, Action, Event};
use crate::caller::By;
use crate::db::Tx;
use crate::error::ApiError;
use crate::names::username_key;
use crate::queries::users;
use parlour_protocol::{Millis, UserRow};

/// Gives everybody who has a reserved name another one (`all` becomes `all-1`, or the next that is free), and
/// says so in the log and in the audit. Whoever signs in with the old one is told.
///
/// # Errors
/// The database's.
pub async fn rename(app: &App) -> Result<(), ApiError> {
    if users::with_reserved_names(&app.db.read().await?).await?.is_empty() {
        return Ok(());
    }
    let now = app.now();
    app.write(move |tx| {
        Box::pin(async move {
            users::work_out_looks(tx).await?;
            for row in users::with_reserved_names(tx).await? {
                rename_one(tx, row, now).await?;
            }
            Ok(())
        })
    })
    .await
}

async fn rename_one(tx: &Tx, mut row: UserRow, now: Millis) -> Result<(), ApiError> {
    let key = username_key(&row.username).unwrap_or_else(|| row.username.clone());
    let free = free_name(tx, &key).await?;
    tracing::warn!(old = row.username, new = free, "a reserved name was changed");
    row.username = free;
    let event = Event::by(&By::Command, Action::Renamed).to(row.id.0);
    audit::note(tx, event.with("reason=reserved"), now).await?;
    Ok(users::update(tx, row).await?)
}

/// The first of NAME-1, NAME-2 … that looks like nobody's; of the names of erased accounts, without what makes
/// them such.
async fn free_name(tx: &Tx, reserved: &str) -> Result<String, ApiError> {
    let mut number = 1;
    loop {
        let free = format!("{}-{number}", reserved.replacen("erased-", "erased", 1));
        if !users::looks_like_another(tx, &free).await? {
            return Ok(free);
        }
        number += 1;
    }
}
