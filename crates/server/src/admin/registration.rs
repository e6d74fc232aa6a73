//! Creates accounts.

use super::people::refuse_taken;
use super::{claims, newcomers, server};
use crate::app::App;
use crate::audit::{self, Action, Event};
use crate::auth::check_password;
use crate::caller::Actor;
use crate::db::Tx;
use crate::error::ApiError;
use crate::limits::Requester;
use crate::names::check_new_username;
use crate::queries::invitations::RedeemedInvitation;
use crate::queries::users::Account;
use crate::queries::{invitations, users};
use crate::tokens::digest;
use parlour_protocol::{
    InvitationPreview, Millis, Refusal, Registration, UserId, UserRole, UserRow,
};
use std::net::IpAddr;
use uuid::Uuid;

/// What allows somebody to create an account.
pub enum Admission {
    /// Registration is open to everybody.
    Open,
    /// The secret of an invitation.
    Invitation(String),
    /// The command line creates the account, with this role.
    Granted(UserRole),
}

/// Creates an account and adds it to the groups of new users; with an invitation for one without a password, takes over
/// that one. Without an `address` the request comes from the command
/// line.
///
/// # Errors
/// Fails if the name or password is not allowed, if the name is taken, or if the invitation is not valid.
pub async fn register(
    app: &App,
    username: String,
    password: String,
    admission: Admission,
    address: Option<IpAddr>,
) -> Result<Account, ApiError> {
    let (id, now) = (UserId(Uuid::now_v7()), app.now());
    let configured = app.sign_in.registration();
    let tx = app.db.read().await?;
    // The invitation is checked first, so that nobody without one can find out which names exist, or cause expensive
    // work.
    let claimed = check_admission(&tx, &admission, configured, now).await?;
    // An account that is taken over may keep its name.
    let keeps_name = claimed.as_ref().is_some_and(|claimed| claimed.row.username == username);
    if !keeps_name {
        check_new_username(&username)?;
    }
    check_password(&password)?;
    if !keeps_name {
        refuse_taken(&tx, &username, claimed.map(|claimed| claimed.row.id)).await?;
    }
    drop(tx);
    let requester = address.map(|address| app.sign_in.requester(address, now));
    let requester = requester.unwrap_or_else(Requester::command_line);
    let hash = app.sign_in.passwords.hash(requester, password).await?;
    app.write(move |tx| {
        Box::pin(async move {
            let (role, invitation) = redeem(tx, admission, configured, now).await?;
            users::compute_looks(tx).await?;
            if let Some(invitation) = &invitation
                && let Some(claimed) = claimed_by(tx, invitation.claims).await?
            {
                let credentials = (username, hash);
                return claims::take_over(tx, claimed, credentials, (invitation, address), now)
                    .await;
            }
            refuse_taken(tx, &username, None).await?;
            users::insert(tx, id, &username, &hash, role, now).await?;
            let event = match address {
                Some(address) => Event::from_address(Some(id), address, Action::Registered),
                None => Event::by_actor(&Actor::CommandLine, Action::Registered),
            };
            let invitation_detail =
                invitation.as_ref().map(|redeemed| format!(" invitation={}", redeemed.id));
            let invitation_detail = invitation_detail.unwrap_or_default();
            let event =
                event.subject(id.0).details(format!("role={}{invitation_detail}", role.as_str()));
            audit::record(tx, event, now).await?;
            newcomers::add_to_groups(tx, id, invitation.as_ref(), now).await?;
            Ok(Account { row: UserRow::new(id, username, role, 0), password_hash: hash })
        })
    })
    .await
}

/// Checks that somebody may register, without using the invitation. Returns the account that they take over, if the
/// invitation is for one.
async fn check_admission(
    tx: &Tx,
    admission: &Admission,
    configured: Registration,
    now: Millis,
) -> Result<Option<Account>, ApiError> {
    match admission {
        Admission::Invitation(secret) => Ok(find_valid(tx, secret, now).await?.1),
        Admission::Open => require_open(tx, configured).await.map(|()| None),
        Admission::Granted(_) => Ok(None),
    }
}

/// Checks that everybody may register; `configured` is the operator's setting.
///
/// # Errors
/// Fails if an invitation is needed, or if registration is closed.
pub async fn require_open(tx: &Tx, configured: Registration) -> Result<(), ApiError> {
    match server::registration(tx, configured).await? {
        Registration::Open => Ok(()),
        Registration::Invitation => Err(Refusal::InvitationNeeded.into()),
        Registration::Closed => Err(Refusal::RegistrationClosed.into()),
    }
}

/// Returns what an invitation offers, without using it.
///
/// # Errors
/// Fails if it is not valid, or no longer.
pub async fn preview(app: &App, secret: &str) -> Result<InvitationPreview, ApiError> {
    let tx = app.db.read().await?;
    let (found, _) = find_valid(&tx, secret, app.now()).await?;
    let server = server::about(&tx, server::configured(app)).await?;
    Ok(InvitationPreview { server, ..found })
}

async fn find_valid(
    tx: &Tx,
    secret: &str,
    now: Millis,
) -> Result<(InvitationPreview, Option<Account>), ApiError> {
    let found = invitations::find_valid(tx, &digest(secret.trim()), now).await?;
    let (mut preview, claims) = found.ok_or_else(invalid_invitation)?;
    let claimed = claimed_by(tx, claims).await?;
    if let Some(Account { row, .. }) = &claimed {
        preview.takes_over = Some(row.username.clone());
        preview.takes_over_name.clone_from(&row.profile.display_name);
    }
    Ok((preview, claimed))
}

/// Returns the account that is taken over with an invitation; `None` if it creates one. Refuses an invitation for an
/// account that somebody has taken over, or that was given a password, deactivated or erased, since.
async fn claimed_by(tx: &Tx, claims: Option<UserId>) -> Result<Option<Account>, ApiError> {
    let Some(id) = claims else { return Ok(None) };
    users::claimable(tx, id).await?.map(Some).ok_or_else(invalid_invitation)
}

fn invalid_invitation() -> ApiError {
    Refusal::InvitationSpent.into()
}

/// Uses up the admission. Returns the role of the account, and the redeemed invitation.
async fn redeem(
    tx: &Tx,
    admission: Admission,
    configured: Registration,
    now: Millis,
) -> Result<(UserRole, Option<RedeemedInvitation>), ApiError> {
    let (role, invitation) = match admission {
        Admission::Open => {
            require_open(tx, configured).await?;
            (UserRole::Member, None)
        }
        Admission::Granted(role) => (role, None),
        Admission::Invitation(secret) => {
            let redeemed = invitations::redeem(tx, &digest(secret.trim()), now).await?;
            let redeemed = redeemed.ok_or_else(invalid_invitation)?;
            (redeemed.role, Some(redeemed))
        }
    };
    if role == UserRole::Administrator {
        invitations::revoke_setup_links(tx, now).await?;
    }
    Ok((role, invitation))
}
