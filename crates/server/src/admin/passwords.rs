//! Resets the passwords of other users, and changes the caller's own.

use super::invitations::revoke_created_by;
use super::people::{ensure_owners, find_existing};
use crate::app::App;
use crate::audit::{self, Action, Event};
use crate::caller::{Actor, Caller};
use crate::error::ApiError;
use crate::limits::Requester;
use crate::queries::users::Account;
use crate::queries::{sessions, users};
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
        let message = "To change your own password, enter your current one.";
        return Err(ApiError::forbidden(message));
    }
    let hash = app.sign_in.passwords.hash(actor.requester(), password).await?;
    let now = app.now();
    app.write(move |tx| {
        Box::pin(async move {
            actor.require_administrator(tx, now).await?;
            find_existing(tx, id).await?;
            users::set_password(tx, id, &hash).await?;
            // An attacker who had access to the account may have created an invitation.
            revoke_created_by(tx, &actor, id, now).await?;
            // An imported user can sign in from now on, and may therefore own a group.
            ensure_owners(tx, id).await?;
            audit::record(tx, Event::by_actor(&actor, Action::PasswordReset).subject(id.0), now)
                .await?;
            sessions::revoke_others(tx, id, None, now).await?;
            Ok(())
        })
    })
    .await
}

/// Changes the caller's own password, and ends all their other sessions unless the request keeps them. The caller's
/// invitations are revoked.
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
    let (passwords, requester) = (&app.sign_in.passwords, Requester::known(address));
    if !passwords.verify(requester, change.current, Some(current_hash.clone())).await? {
        app.sign_in.failures.count(Some(caller.user_id), address);
        return Err(Refusal::CurrentPassword.into());
    }
    let (hash, now) = (passwords.hash(requester, change.new).await?, app.now());
    app.write(move |tx| {
        Box::pin(async move {
            caller.require_session(tx, now).await?;
            // Another change may have been committed meanwhile: then `current_hash` is no longer the
            // current password.
            if !users::replace_password(tx, caller.user_id, &current_hash, &hash).await? {
                return Err(Refusal::CurrentPassword.into());
            }
            let actor = Actor::Caller(caller, address);
            let event = Event::by_actor(&actor, Action::PasswordChanged);
            let event = event.details(format!("keep_sessions={keep_sessions}"));
            audit::record(tx, event.subject(caller.user_id.0), now).await?;
            // An attacker who had access to the account may have created an invitation.
            revoke_created_by(tx, &actor, caller.user_id, now).await?;
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
