//! Invitations: links with which people register.

use super::claims;
use super::newcomers::{self, Titles};
use crate::app::App;
use crate::audit::{self, Action, Event};
use crate::caller::Actor;
use crate::db::Tx;
use crate::error::ApiError;
use crate::queries::{invitations, users};
use crate::tokens::{digest, new_secret};
use parlour_protocol::{
    Invitation, InvitationId, InvitationRequest, Millis, UserId, UserRole, text,
};
use uuid::Uuid;

const MINUTE_MS: i64 = 60_000;
const YEAR_MS: i64 = 366 * 24 * 3600 * 1000;
/// The longest lifetime of an invitation for an administrator.
const ADMINISTRATOR_MS: i64 = 24 * 3600 * 1000;

/// Creates an invitation for the first administrator and returns its secret, or returns `None` if the server
/// already has an administrator. Earlier invitations of this kind stay valid, because another server on the same
/// database may have printed one; all of them are revoked whenever somebody becomes an administrator.
///
/// # Errors
/// Fails if the database does.
pub async fn create_setup_link(app: &App) -> Result<Option<String>, ApiError> {
    let tx = app.db.read().await?;
    if users::has_administrator(&tx, None).await? {
        return Ok(None);
    }
    drop(tx);
    let request = InvitationRequest::new(ADMINISTRATOR_MS, 1, UserRole::Administrator);
    Ok(Some(create(app, Actor::CommandLine, request).await?.1))
}

/// Creates an invitation and returns it with its secret, which is not stored. The invitation is invalid as soon as
/// its creator is deactivated or is no longer an administrator.
///
/// # Errors
/// Fails if the lifetime, the number of uses, the note or the number of groups is out of range, or too high for an
/// administrator's invitation, if the caller is not a member of one of the groups, or not an administrator.
pub async fn create(
    app: &App,
    actor: Actor,
    request: InvitationRequest,
) -> Result<(Invitation, String), ApiError> {
    create_for(app, actor, request, None).await
}

/// Creates an invitation, which can be used once, with which somebody takes over the account of a user without a
/// password, such as those that imports create, and returns it with its secret.
///
/// # Errors
/// Fails for the reasons of [`create`], if there is no such user, or if the account cannot be taken over: it has or had
/// a password, is deactivated, or is an administrator's.
pub async fn create_claim(
    app: &App,
    actor: Actor,
    request: InvitationRequest,
    username: String,
) -> Result<(Invitation, String), ApiError> {
    if request.uses != 1 || request.role != UserRole::Member || !request.groups.is_empty() {
        return Err(ApiError::invalid(
            "An invitation to take over an account can be used once, and gives no role or groups.",
        ));
    }
    create_for(app, actor, request, Some(username)).await
}

async fn create_for(
    app: &App,
    actor: Actor,
    request: InvitationRequest,
    claimed: Option<String>,
) -> Result<(Invitation, String), ApiError> {
    if !(MINUTE_MS..=YEAR_MS).contains(&request.lifetime_ms) {
        return Err(ApiError::invalid("An invitation is valid for a minute to a year."));
    }
    if !(1..=10_000).contains(&request.uses) {
        return Err(ApiError::invalid("An invitation can be used 1 to 10,000 times."));
    }
    let is_too_broad = request.uses > 1 || request.lifetime_ms > ADMINISTRATOR_MS;
    if request.role == UserRole::Administrator && is_too_broad {
        return Err(ApiError::invalid(
            "An invitation for an administrator can be used once, within 24 hours at most.",
        ));
    }
    text::check_note(&request.note)?;
    let groups = newcomers::distinct(request.groups)?;
    let (secret, now, created_by) = (new_secret(), app.now(), actor.user_id());
    let mut invitation = Invitation {
        id: InvitationId(Uuid::now_v7()),
        created_by,
        created_at: now,
        expires_at: Millis(now.0 + request.lifetime_ms),
        uses_left: request.uses,
        role: request.role,
        note: request.note.trim().to_owned(),
        groups: Vec::new(),
    };
    let digest = digest(&secret);
    let invitation = app
        .write(move |tx| {
            Box::pin(async move {
                actor.require_administrator(tx, now).await?;
                for id in &groups {
                    newcomers::require_member(tx, actor, *id).await?;
                }
                invitation.groups = Titles::visible_to(actor).group_names(tx, &groups).await?;
                let claims = match claimed {
                    Some(username) => Some(claims::find(tx, &username).await?),
                    None => None,
                };
                invitations::insert(tx, &invitation, (created_by, claims), &digest).await?;
                audit::record(tx, created_event(actor, &invitation, claims), now).await?;
                Ok(invitation)
            })
        })
        .await?;
    Ok((invitation, secret))
}

/// Returns the audit log's event for a new invitation, without the note, because the audit log contains no
/// texts.
fn created_event(actor: Actor, invitation: &Invitation, claims: Option<UserId>) -> Event {
    let Invitation { id, role, uses_left, expires_at, groups, .. } = invitation;
    let (role, until) = (role.as_str(), expires_at.0);
    let mut details = format!("role={role} uses={uses_left} until={until}");
    if !groups.is_empty() {
        details.push_str(&format!(" groups={}", groups.len()));
    }
    if let Some(user) = claims {
        details.push_str(&format!(" claims={user}"));
    }
    Event::by_actor(&actor, Action::Invited).subject(id.0).details(details)
}

/// Returns the newest invitations that were not revoked, or the newest before `before`.
///
/// # Errors
/// Fails if the caller is not an administrator.
pub async fn open(
    app: &App,
    actor: Actor,
    before: Option<InvitationId>,
    limit: i64,
) -> Result<Vec<Invitation>, ApiError> {
    let tx = app.db.read().await?;
    actor.require_administrator(&tx, app.now()).await?;
    let (mut titles, mut all) = (Titles::visible_to(actor), Vec::new());
    for (mut invitation, groups) in invitations::open(&tx, before, limit).await? {
        invitation.groups = titles.group_names(&tx, &groups).await?;
        all.push(invitation);
    }
    Ok(all)
}

/// Revokes an invitation.
///
/// # Errors
/// Fails if there is no valid invitation with this id, or if the caller is not an administrator.
pub async fn revoke(app: &App, actor: Actor, id: InvitationId) -> Result<(), ApiError> {
    let now = app.now();
    app.write(move |tx| {
        Box::pin(async move {
            actor.require_administrator(tx, now).await?;
            if !invitations::revoke(tx, id, now).await? {
                return Err(ApiError::not_found("invitation"));
            }
            let event = Event::by_actor(&actor, Action::InvitationVoided).subject(id.0);
            Ok(audit::record(tx, event, now).await?)
        })
    })
    .await
}

/// Revokes all invitations that a user created, in the transaction of the change that requires it. The audit log gets
/// one entry about their creator with their number, unless there is none.
///
/// # Errors
/// Fails if the database does.
pub async fn revoke_created_by(
    tx: &Tx,
    actor: &Actor,
    creator: UserId,
    now: Millis,
) -> Result<(), ApiError> {
    let count = invitations::revoke_created_by(tx, creator, now).await?;
    if count == 0 {
        return Ok(());
    }
    let event = Event::by_actor(actor, Action::InvitationVoided).subject(creator.0);
    Ok(audit::record(tx, event.details(format!("count={count}")), now).await?)
}
