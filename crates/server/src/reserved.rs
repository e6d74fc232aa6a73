//! Names that earlier versions gave to people and that call everybody in a group now.

use crate::app::App;
use crate::audit::{self, Action, Event};
use crate::auth::By;
use crate::db::Tx;
use crate::error::ApiError;
use crate::names::RESERVED;
use crate::queries::users;
use parlour_protocol::Millis;

/// Gives everybody who has a reserved name the first free one of NAME-1, NAME-2 …, and says so in the log
/// and in the audit. Whoever signs in with the old one is told.
///
/// # Errors
/// The database's.
pub async fn rename(app: &App) -> Result<(), ApiError> {
    let mut is_taken = false;
    let tx = app.db.read().await?;
    for name in RESERVED {
        is_taken |= users::by_username(&tx, name).await?.is_some();
    }
    drop(tx);
    if !is_taken {
        return Ok(());
    }
    let now = app.now();
    app.write(move |tx| {
        Box::pin(async move {
            users::work_out_looks(tx).await?;
            for name in RESERVED {
                rename_one(tx, name, now).await?;
            }
            Ok(())
        })
    })
    .await
}

async fn rename_one(tx: &Tx, reserved: &str, now: Millis) -> Result<(), ApiError> {
    let Some(account) = users::by_username(tx, reserved).await? else { return Ok(()) };
    let mut row = account.row;
    let mut number = 1;
    let mut free = format!("{reserved}-{number}");
    while users::looks_like_another(tx, &free).await? {
        number += 1;
        free = format!("{reserved}-{number}");
    }
    tracing::warn!(old = row.username, new = free, "a name that calls everybody was changed");
    row.username = free;
    let event = Event::by(&By::Command, Action::Renamed).to(row.id.0);
    audit::note(tx, event.with("reason=reserved"), now).await?;
    Ok(users::update(tx, row).await?)
}
