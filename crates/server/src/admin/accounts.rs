//! Changes accounts: roles, deactivation and erasure.

use super::invitations::revoke_created_by;
use super::people::{ensure_owners, find_existing, require_other_administrator};
use crate::app::App;
use crate::audit::{self, Action, Event};
use crate::caller::Actor;
use crate::error::ApiError;
use crate::ops::{self, ensure_owner};
use crate::queries::{invitations, members, sessions, users};
use parlour_protocol::{UserId, UserRole};

/// Returns the id of the user with this username.
///
/// # Errors
/// Fails if there is no such user.
pub async fn find(app: &App, username: &str) -> Result<UserId, ApiError> {
    let tx = app.db.read().await?;
    let user = users::by_username(&tx, username).await?;
    Ok(user.ok_or_else(|| ApiError::not_found("person"))?.row.id)
}

/// Sets the role of a user on the server. The invitations of a former administrator are revoked; once there is an
/// administrator, so are the links that servers printed for the first one.
///
/// # Errors
/// Fails if there is no such user, if they are the last administrator, or if the caller is not an administrator.
pub async fn set_role(app: &App, actor: Actor, id: UserId, role: UserRole) -> Result<(), ApiError> {
    let now = app.now();
    app.write(move |tx| {
        Box::pin(async move {
            actor.require_administrator(tx, now).await?;
            let mut row = find_existing(tx, id).await?;
            match role {
                UserRole::Member => {
                    require_other_administrator(tx, &row).await?;
                    revoke_created_by(tx, &actor, id, now).await?;
                }
                UserRole::Administrator => invitations::revoke_setup_links(tx, now).await?,
            }
            row.role = role;
            let event = Event::by_actor(&actor, Action::RoleChanged).subject(id.0);
            audit::record(tx, event.details(format!("role={}", role.as_str())), now).await?;
            Ok(users::update(tx, row).await?)
        })
    })
    .await
}

/// Deactivates a user: they cannot sign in, their sessions end, and their invitations are revoked. With `wipe` their
/// devices delete their local data, even if their session had ended before. Their groups get another owner, as in
/// [`ensure_owner`].
///
/// # Errors
/// Fails if there is no such user, if they are the last administrator, or if the caller is not an administrator.
pub async fn deactivate(app: &App, actor: Actor, id: UserId, wipe: bool) -> Result<(), ApiError> {
    let now = app.now();
    app.write(move |tx| {
        Box::pin(async move {
            actor.require_administrator(tx, now).await?;
            let mut row = find_existing(tx, id).await?;
            require_other_administrator(tx, &row).await?;
            row.deactivated_at = row.deactivated_at.or(Some(now));
            users::update(tx, row).await?;
            for conversation in members::listed::owned_by(tx, id).await? {
                ensure_owner(tx, conversation).await?;
            }
            revoke_created_by(tx, &actor, id, now).await?;
            let event = Event::by_actor(&actor, Action::Deactivated).subject(id.0);
            audit::record(tx, event.details(format!("wipe={wipe}")), now).await?;
            if wipe {
                sessions::wipe_all(tx, id, None).await?;
            }
            sessions::revoke_others(tx, id, None, now).await?;
            Ok(())
        })
    })
    .await
}

/// Reactivates a user, who can then sign in again. Their groups in which no owner can sign in get a new owner, as in
/// [`deactivate`].
///
/// # Errors
/// Fails if there is no such user, or if the caller is not an administrator.
pub async fn reactivate(app: &App, actor: Actor, id: UserId) -> Result<(), ApiError> {
    let now = app.now();
    app.write(move |tx| {
        Box::pin(async move {
            actor.require_administrator(tx, now).await?;
            let mut row = find_existing(tx, id).await?;
            row.deactivated_at = None;
            audit::record(tx, Event::by_actor(&actor, Action::Reactivated).subject(id.0), now)
                .await?;
            users::update(tx, row).await?;
            ensure_owners(tx, id).await
        })
    })
    .await
}

/// Ends a user's sessions except the one of the request. With `wipe` their devices delete their local data, as in
/// [`deactivate`]. The user can sign in again.
///
/// # Errors
/// Fails if there is no such user, or if the caller is not an administrator.
pub async fn end_sessions(app: &App, actor: Actor, id: UserId, wipe: bool) -> Result<(), ApiError> {
    let now = app.now();
    app.write(move |tx| {
        Box::pin(async move {
            actor.require_administrator(tx, now).await?;
            find_existing(tx, id).await?;
            // An attacker who had access to the account may have created an invitation.
            revoke_created_by(tx, &actor, id, now).await?;
            let event = Event::by_actor(&actor, Action::SessionsEnded).subject(id.0);
            audit::record(tx, event.details(format!("wipe={wipe}")), now).await?;
            let except = actor.session_of(id);
            if wipe {
                sessions::wipe_all(tx, id, except).await?;
            }
            sessions::revoke_others(tx, id, except, now).await?;
            Ok(())
        })
    })
    .await
}

/// Erases a user permanently: their name, profile, picture, drafts, saved messages, settings, recorded ops,
/// the names and addresses of their devices, and when they were last active. They leave every group. Their
/// messages and reactions remain without their name, because they are part of others' conversations. The
/// entries of the audit log, which contain only ids, remain for their year. With `wipe` their devices
/// delete their local data, as in [`deactivate`].
///
/// # Errors
/// Fails if there is no such user, if they are the last administrator, or if the caller is not an administrator.
pub async fn erase(app: &App, actor: Actor, id: UserId, wipe: bool) -> Result<(), ApiError> {
    let now = app.now();
    app.write(move |tx| {
        Box::pin(async move {
            actor.require_administrator(tx, now).await?;
            let row = find_existing(tx, id).await?;
            require_other_administrator(tx, &row).await?;
            revoke_created_by(tx, &actor, id, now).await?;
            let event = Event::by_actor(&actor, Action::Erased).subject(id.0);
            audit::record(tx, event.details(format!("wipe={wipe}")), now).await?;
            if wipe {
                sessions::wipe_all(tx, id, None).await?;
            }
            ops::erase(tx, row, now).await
        })
    })
    .await
}
