//! Invitations: links with which people register.

use crate::app::App;
use crate::audit::{self, Action, Event};
use crate::caller::By;
use crate::error::ApiError;
use crate::queries::{invitations, users};
use crate::tokens::{digest, new_secret};
use parlour_protocol::{Invitation, InvitationId, InvitationRequest, Millis, UserRole};
use uuid::Uuid;

const MINUTE_MS: i64 = 60_000;
const YEAR_MS: i64 = 366 * 24 * 3600 * 1000;
/// The longest lifetime of an invitation for an administrator.
const ADMINISTRATOR_MS: i64 = 24 * 3600 * 1000;

/// Creates an invitation for the first administrator and returns its secret, or returns `None` if the server
/// already has an administrator. Earlier invitations of this kind are revoked.
///
/// # Errors
/// Fails if the database does.
pub async fn first(app: &App) -> Result<Option<String>, ApiError> {
    let tx = app.db.read().await?;
    if users::has_administrator(&tx, None).await? {
        return Ok(None);
    }
    drop(tx);
    let now = app.now();
    app.write(move |tx| Box::pin(async move { Ok(invitations::revoke_first(tx, now).await?) }))
        .await?;
    let role = UserRole::Administrator;
    let asked = InvitationRequest { lifetime_ms: ADMINISTRATOR_MS, uses: 1, role };
    Ok(Some(create(app, By::Command, asked).await?.1))
}

/// Creates an invitation and returns it with its secret, which is not stored. The invitation becomes void as
/// soon as its creator is deactivated or is no longer an administrator.
///
/// # Errors
/// Fails if the lifetime or the number of uses is out of range, or is too high for an administrator's invitation,
/// or if the caller is not an administrator.
pub async fn create(
    app: &App,
    by: By,
    asked: InvitationRequest,
) -> Result<(Invitation, String), ApiError> {
    if !(MINUTE_MS..=YEAR_MS).contains(&asked.lifetime_ms) {
        return Err(ApiError::invalid("An invitation is good for a minute to a year."));
    }
    if !(1..=10_000).contains(&asked.uses) {
        return Err(ApiError::invalid("An invitation is good for 1 to 10,000 people."));
    }
    let is_lasting = asked.uses > 1 || asked.lifetime_ms > ADMINISTRATOR_MS;
    if asked.role == UserRole::Administrator && is_lasting {
        return Err(ApiError::invalid(
            "An invitation for an administrator is good once, for 24 hours at most.",
        ));
    }
    let (secret, now, created_by) = (new_secret(), app.now(), by.user_id());
    let invitation = Invitation {
        id: InvitationId(Uuid::now_v7()),
        created_by,
        created_at: now,
        expires_at: Millis(now.0 + asked.lifetime_ms),
        uses_left: asked.uses,
        role: asked.role,
    };
    let (kept, digest) = (invitation.clone(), digest(&secret));
    app.write(move |tx| {
        Box::pin(async move {
            by.require_administrator(tx, now).await?;
            invitations::insert(tx, &kept, created_by, &digest).await?;
            let (role, uses, until) = (kept.role.as_str(), kept.uses_left, kept.expires_at.0);
            let event = Event::by(&by, Action::Invited).to(kept.id.0);
            let event = event.with(format!("role={role} uses={uses} until={until}"));
            Ok(audit::note(tx, event, now).await?)
        })
    })
    .await?;
    Ok((invitation, secret))
}

/// Revokes an invitation.
///
/// # Errors
/// Fails if there is no valid invitation with this id, or if the caller is not an administrator.
pub async fn revoke(app: &App, by: By, id: InvitationId) -> Result<(), ApiError> {
    let now = app.now();
    app.write(move |tx| {
        Box::pin(async move {
            by.require_administrator(tx, now).await?;
            if !invitations::revoke(tx, id, now).await? {
                return Err(ApiError::not_found("invitation"));
            }
            let event = Event::by(&by, Action::InvitationVoided).to(id.0);
            Ok(audit::note(tx, event, now).await?)
        })
    })
    .await
}
