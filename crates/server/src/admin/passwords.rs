//! Setting other people's passwords, and changing one's own.

use super::people::{find_existing, find_owners};
use crate::app::App;
use crate::audit::{self, Action, Event};
use crate::caller::{Actor, Caller};
use crate::error::ApiError;
use crate::limits::Asker;
use crate::queries::users::Account;
use crate::queries::{invitations, sessions, users};
use parlour_protocol::{PasswordChange, Refusal, UserId};
use std::net::IpAddr;

/// Sets a new password for a user who forgot theirs or never had one, and ends all their sessions. The user's
/// groups in which no owner can sign in get a new owner, as in [`super::accounts::deactivate`].
///
/// # Errors
/// Fails if the password is not acceptable, if there is no such user, if the user is the caller, or if the caller
/// is not an administrator.
pub async fn reset(app: &App, actor: Actor, id: UserId, password: String) -> Result<(), ApiError> {
    if actor.user_id() == Some(id) {
        // Access to an unlocked window must not be enough to change the password.
        let message = "Your own password is changed with the one that you have now.";
        return Err(ApiError::forbidden(message));
    }
    let hash = app.sign_in.passwords.hash(actor.asker(), password).await?;
    let now = app.now();
    app.write(move |tx| {
        Box::pin(async move {
            actor.require_administrator(tx, now).await?;
            find_existing(tx, id).await?;
            users::set_password(tx, id, &hash).await?;
            // Whoever had the account for a moment may have kept a link that they made in it.
            invitations::revoke_created_by(tx, id, now).await?;
            // An imported user can sign in from now on, and may therefore own a group.
            find_owners(tx, id).await?;
            audit::note(tx, Event::by_actor(&actor, Action::PasswordReset).subject(id.0), now)
                .await?;
            sessions::revoke_others(tx, id, None, now).await?;
            Ok(())
        })
    })
    .await
}

/// Changes the caller's own password, and ends all their other sessions unless they are to stay.
///
/// # Errors
/// Fails if the current password is wrong or was replaced meanwhile, if the new one is not acceptable, or if the
/// session ended meanwhile.
pub async fn change(
    app: &App,
    (caller, address): (Caller, IpAddr),
    account: Account,
    change: PasswordChange,
) -> Result<(), ApiError> {
    let (current_hash, keep_sessions) = (account.password_hash, change.keep_sessions);
    let (passwords, asker) = (&app.sign_in.passwords, Asker::known(address));
    if !passwords.verify(asker, change.current, Some(current_hash.clone())).await? {
        app.sign_in.failures.count(Some(caller.user_id), address);
        return Err(Refusal::CurrentPassword.into());
    }
    let (hash, now) = (passwords.hash(asker, change.new).await?, app.now());
    app.write(move |tx| {
        Box::pin(async move {
            caller.require(tx, now).await?;
            // Another change may have been committed meanwhile: then `current_hash` is no longer the
            // current password.
            if !users::replace_password(tx, caller.user_id, &current_hash, &hash).await? {
                return Err(Refusal::CurrentPassword.into());
            }
            let event = Event::by_actor(&Actor::Caller(caller, address), Action::PasswordChanged);
            let event = event.details(format!("keep_sessions={keep_sessions}"));
            audit::note(tx, event.subject(caller.user_id.0), now).await?;
            if keep_sessions {
                return Ok(());
            }
            let except = Some(caller.session_id);
            sessions::revoke_others(tx, caller.user_id, except, now).await?;
            Ok(())
        })
    })
    .await
}
