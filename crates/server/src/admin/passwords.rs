//! Giving people passwords, and changing one's own.

use super::people::{find_owners, living};
use crate::app::App;
use crate::audit::{self, Action, Event};
use crate::caller::{By, Caller};
use crate::error::ApiError;
use crate::queries::users::Account;
use crate::queries::{sessions, users};
use parlour_protocol::{ErrorCode, PasswordChange, UserId};
use std::net::IpAddr;

/// Gives somebody who forgot theirs, or never had one, a new password, and ends their sessions. Groups of theirs
/// that nobody owns who can sign in are handed on, as in [`super::accounts::deactivate`].
///
/// # Errors
/// A password that cannot be used, and nobody to give it to; who is no administrator.
pub async fn reset(app: &App, by: By, id: UserId, password: String) -> Result<(), ApiError> {
    if by.user_id() == Some(id) {
        // An open window alone must not be enough.
        let message = "Your own password is changed with the one that you have now.";
        return Err(ApiError::forbidden(message));
    }
    let (hash, now) = (app.sign_in.passwords.hash(password).await?, app.now());
    app.write(move |tx| {
        Box::pin(async move {
            by.require_administrator(tx, now).await?;
            living(tx, id).await?;
            users::set_password(tx, id, &hash).await?;
            // Whoever came by an import can sign in from here on.
            find_owners(tx, id).await?;
            audit::note(tx, Event::by(&by, Action::PasswordReset).to(id.0), now).await?;
            Ok(sessions::revoke_others(tx, id, None, now).await?)
        })
    })
    .await
}

/// Changes one's own password, and ends one's other sessions.
///
/// # Errors
/// A current password that is wrong, or was replaced meanwhile; a new one that cannot be used; a session
/// that ended meanwhile.
pub async fn change(
    app: &App,
    (caller, address): (Caller, IpAddr),
    known: Account,
    change: PasswordChange,
) -> Result<(), ApiError> {
    let known = known.password_hash;
    if !app.sign_in.passwords.verify(change.current, Some(known.clone())).await? {
        app.sign_in.failures.count(Some(caller.user_id), address);
        return Err(ApiError::new(ErrorCode::SignIn, "The current password is wrong."));
    }
    let (hash, now) = (app.sign_in.passwords.hash(change.new).await?, app.now());
    app.write(move |tx| {
        Box::pin(async move {
            caller.require(tx, now).await?;
            // Another change may have come between: this one's current password is not that one's.
            if !users::replace_password(tx, caller.user_id, &known, &hash).await? {
                let message = "The password was changed meanwhile. Try again with the new one.";
                return Err(ApiError::new(ErrorCode::SignIn, message));
            }
            let event = Event::by(&By::Caller(caller, address), Action::PasswordChanged);
            audit::note(tx, event.to(caller.user_id.0), now).await?;
            let but = Some(caller.session_id);
            Ok(sessions::revoke_others(tx, caller.user_id, but, now).await?)
        })
    })
    .await
}
