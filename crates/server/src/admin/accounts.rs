//! Looking after accounts.

use super::people::{find_existing, find_owners, keep_an_administrator};
use crate::app::App;
use crate::audit::{self, Action, Event};
use crate::caller::Actor;
use crate::db::Tx;
use crate::error::ApiError;
use crate::names::ERASED;
use crate::ops::{ensure_owner, leave};
use crate::queries::users::NO_PASSWORD;
use crate::queries::{
    account, conversations, files, invitations, members, pictures, profiles, sessions, users,
};
use crate::tokens::new_secret;
use parlour_protocol::{ConversationType, Profile, UserId, UserRole};

/// The account with this name.
///
/// # Errors
/// There is none.
pub async fn find(app: &App, username: &str) -> Result<UserId, ApiError> {
    let tx = app.db.read().await?;
    let user = users::by_username(&tx, username).await?;
    Ok(user.ok_or_else(|| ApiError::not_found("person"))?.row.id)
}

/// Says what a person may do on the server. Who is no administrator any more loses their invitations.
///
/// # Errors
/// Nobody there, or the last administrator; who is no administrator.
pub async fn set_role(app: &App, actor: Actor, id: UserId, role: UserRole) -> Result<(), ApiError> {
    let now = app.now();
    app.write(move |tx| {
        Box::pin(async move {
            actor.require_administrator(tx, now).await?;
            let mut row = find_existing(tx, id).await?;
            if role == UserRole::Member {
                keep_an_administrator(tx, &row).await?;
                invitations::revoke_created_by(tx, id, now).await?;
            }
            row.role = role;
            let event = Event::by_actor(&actor, Action::RoleChanged).subject(id.0);
            audit::note(tx, event.details(format!("role={}", role.as_str())), now).await?;
            Ok(users::update(tx, row).await?)
        })
    })
    .await
}

/// Keeps a person from signing in, ends their sessions, and makes their invitations void; with `wipe`
/// their devices delete what they hold, those too whose session had ended before. Groups that were theirs go
/// to the administrator, or else the member, who is longest in them and can sign in.
///
/// # Errors
/// Nobody there, or the last administrator; who is no administrator.
pub async fn deactivate(app: &App, actor: Actor, id: UserId, wipe: bool) -> Result<(), ApiError> {
    let now = app.now();
    app.write(move |tx| {
        Box::pin(async move {
            actor.require_administrator(tx, now).await?;
            let mut row = find_existing(tx, id).await?;
            keep_an_administrator(tx, &row).await?;
            row.deactivated_at = row.deactivated_at.or(Some(now));
            users::update(tx, row).await?;
            for conversation in members::owned_by(tx, id).await? {
                ensure_owner(tx, conversation).await?;
            }
            invitations::revoke_created_by(tx, id, now).await?;
            let event = Event::by_actor(&actor, Action::Deactivated).subject(id.0);
            audit::note(tx, event.details(format!("wipe={wipe}")), now).await?;
            if wipe {
                sessions::wipe_all(tx, id, None).await?;
            }
            sessions::revoke_others(tx, id, None, now).await?;
            Ok(())
        })
    })
    .await
}

/// Lets a person sign in again. A group of theirs that nobody owns who can is handed on, as in
/// [`deactivate`].
///
/// # Errors
/// Nobody there; who is no administrator.
pub async fn reactivate(app: &App, actor: Actor, id: UserId) -> Result<(), ApiError> {
    let now = app.now();
    app.write(move |tx| {
        Box::pin(async move {
            actor.require_administrator(tx, now).await?;
            let mut row = find_existing(tx, id).await?;
            row.deactivated_at = None;
            audit::note(tx, Event::by_actor(&actor, Action::Reactivated).subject(id.0), now)
                .await?;
            users::update(tx, row).await?;
            find_owners(tx, id).await
        })
    })
    .await
}

/// Ends a person's sessions, but the one by which it is asked for; with `wipe` their devices delete what they
/// hold, as in [`deactivate`]. They can sign in again.
///
/// # Errors
/// Nobody there; who is no administrator.
pub async fn end_sessions(app: &App, actor: Actor, id: UserId, wipe: bool) -> Result<(), ApiError> {
    let now = app.now();
    app.write(move |tx| {
        Box::pin(async move {
            actor.require_administrator(tx, now).await?;
            find_existing(tx, id).await?;
            // Whoever had the account for a moment may have kept a link that they made in it.
            invitations::revoke_created_by(tx, id, now).await?;
            let event = Event::by_actor(&actor, Action::SessionsEnded).subject(id.0);
            audit::note(tx, event.details(format!("wipe={wipe}")), now).await?;
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

/// Takes out a person's name, profile and picture, and all that they kept for themselves, for good: drafts, saved messages,
/// settings, what they did lately, what their devices are called and where they were, and when they were
/// last here. They leave every group. What they said and how they reacted stays, without their name, because
/// it is part of others' conversations, and so do the audit's entries, which name nobody, for their year.
/// Their devices delete what they hold with `wipe`, as in [`deactivate`].
///
/// # Errors
/// Nobody there, or the last administrator; who is no administrator.
pub async fn erase(app: &App, actor: Actor, id: UserId, wipe: bool) -> Result<(), ApiError> {
    let now = app.now();
    app.write(move |tx| {
        Box::pin(async move {
            actor.require_administrator(tx, now).await?;
            let mut row = find_existing(tx, id).await?;
            keep_an_administrator(tx, &row).await?;
            invitations::revoke_created_by(tx, id, now).await?;
            for (conversation, _) in members::conversations_of(tx, id).await? {
                let found = conversations::find(tx, conversation).await?;
                if found.is_some_and(|found| found.row.kind == ConversationType::Group) {
                    leave(tx, conversation, id, now).await?;
                }
            }
            account::forget(tx, id).await?;
            profiles::forget(tx, id).await?;
            pictures::forget(tx, id).await?;
            files::expire_unused(tx, id).await?;
            (row.profile, row.picture) = (Profile::default(), None);
            let event = Event::by_actor(&actor, Action::Erased).subject(id.0);
            audit::note(tx, event.details(format!("wipe={wipe}")), now).await?;
            users::set_password(tx, id, NO_PASSWORD).await?;
            if wipe {
                sessions::wipe_all(tx, id, None).await?;
            }
            sessions::revoke_others(tx, id, None, now).await?;
            sessions::forget_devices(tx, id).await?;
            row.username = erased_name(tx, id).await?;
            row.role = UserRole::Member;
            row.deactivated_at = row.deactivated_at.or(Some(now));
            row.erased_at = Some(now);
            Ok(users::update(tx, row).await?)
        })
    })
    .await
}

/// A name that nobody has, for somebody who has none any more.
async fn erased_name(tx: &Tx, id: UserId) -> Result<String, ApiError> {
    let hex = id.0.simple().to_string();
    let mut name = format!("{ERASED}{}", &hex[hex.len() - 12..]);
    // An earlier version, or another program, may have let somebody have it.
    while users::by_username(tx, &name).await?.is_some() {
        name = format!("{ERASED}{}", new_secret());
    }
    Ok(name)
}
