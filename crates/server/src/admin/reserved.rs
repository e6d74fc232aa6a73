//! Usernames that earlier versions allowed and that can be mistaken for something else: those that start with an at
//! sign, and those that look like a word that mentions everybody in a group or like the name of an erased account.

use crate::app::App;
use crate::audit::{self, Action, Event};
use crate::caller::Actor;
use crate::db::Tx;
use crate::error::ApiError;
use crate::names::{is_reserved, looks_erased, username_key};
use crate::queries::users;
use parlour_protocol::{Millis, UserRow, limits};

/// Renames every user who has a reserved name (`all` becomes `all-1`, or the next one that is free), and records
/// that in the log and in the audit log. Sign-ins with the old name are refused with a message
/// that says why.
///
/// # Errors
/// Fails if the database does.
pub async fn rename_all(app: &App) -> Result<(), ApiError> {
    let tx = app.db.read().await?;
    if !users::lacks_looks(&tx).await? && users::with_reserved_names(&tx).await?.is_empty() {
        return Ok(());
    }
    drop(tx);
    let now = app.now();
    app.write(move |tx| {
        Box::pin(async move {
            users::compute_looks(tx).await?;
            for row in users::with_reserved_names(tx).await? {
                rename_one(tx, row, now).await?;
            }
            Ok(())
        })
    })
    .await
}

async fn rename_one(tx: &Tx, row: UserRow, now: Millis) -> Result<(), ApiError> {
    let key = username_key(&row.username).unwrap_or_else(|| row.username.clone());
    let new_name = unused_name(tx, &key).await?;
    rename(tx, row, new_name, "reserved", now).await
}

/// Gives a user another name, and records the reason in the log and in the audit log.
///
/// # Errors
/// Fails if the database does.
pub(super) async fn rename(
    tx: &Tx,
    row: UserRow,
    username: String,
    reason: &'static str,
    now: Millis,
) -> Result<(), ApiError> {
    tracing::warn!(user = %row.id, reason, "a name was changed; `user list` shows the new one");
    let event = Event::by_actor(&Actor::CommandLine, Action::Renamed).subject(row.id.0);
    audit::record(tx, event.details(format!("reason={reason}")), now).await?;
    Ok(users::update(tx, UserRow { username, ..row }).await?)
}

/// Returns the first of NAME-1, NAME-2 … that is not reserved, and neither is nor looks like another user's name. NAME
/// is `name` without at signs at its start. If it looks like the name of an erased account, its prefix `erased-` loses
/// the hyphen. A name that would be too long loses its end.
pub(super) async fn unused_name(tx: &Tx, name: &str) -> Result<String, ApiError> {
    let base = name.trim_start_matches('@');
    let mut base = if base.is_empty() { "user".to_owned() } else { base.to_owned() };
    if looks_erased(&base) {
        base.retain(char::is_alphanumeric);
    }
    if looks_erased(&base) {
        base.push('x');
    }
    let mut number = 1;
    loop {
        let suffix = format!("-{number}");
        let room = limits::USERNAME_CHARS.saturating_sub(suffix.len());
        let new_name: String = base.chars().take(room).chain(suffix.chars()).collect();
        if !is_reserved(&new_name)
            && users::by_username(tx, &new_name).await?.is_none()
            && !users::looks_like_another(tx, &new_name, None).await?
        {
            return Ok(new_name);
        }
        number += 1;
    }
}
