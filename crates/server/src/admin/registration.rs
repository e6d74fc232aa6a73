//! Making accounts.

use super::{newcomers, server};
use crate::app::App;
use crate::audit::{self, Action, Event};
use crate::auth::check_password;
use crate::caller::Actor;
use crate::db::Tx;
use crate::error::ApiError;
use crate::limits::Asker;
use crate::names::check_new_username;
use crate::queries::invitations::RedeemedInvitation;
use crate::queries::users::Account;
use crate::queries::{invitations, users};
use crate::tokens::digest;
use parlour_protocol::{
    ErrorCode, InvitationPreview, Millis, Refusal, Registration, UserId, UserRole, UserRow,
};
use std::net::IpAddr;
use uuid::Uuid;

/// By which right somebody gets an account.
pub enum Admission {
    /// The server is open to everybody.
    Open,
    /// With an invitation's secret.
    Invitation(String),
    /// The command line makes the account, with this role.
    Granted(UserRole),
}

/// Adds an account, which joins the groups of newcomers; answers it as sign-in needs it. Whoever asks from nowhere sits at the server's
/// computer.
///
/// # Errors
/// A name or password that cannot be used, a name that is taken, an invitation that is not good.
pub async fn register(
    app: &App,
    username: String,
    password: String,
    admission: Admission,
    address: Option<IpAddr>,
) -> Result<Account, ApiError> {
    let (id, now) = (UserId(Uuid::now_v7()), app.now());
    let said = app.sign_in.registration();
    let tx = app.db.read().await?;
    // Who has no invitation learns no names, and sets nothing to work.
    check_admission(&tx, &admission, said, now).await?;
    check_new_username(&username)?;
    check_password(&password)?;
    refuse_taken(&tx, &username).await?;
    drop(tx);
    let asker = address.map(|address| app.sign_in.asker(address, now));
    let asker = asker.unwrap_or_else(Asker::command_line);
    let hash = app.sign_in.passwords.hash(asker, password).await?;
    app.write(move |tx| {
        Box::pin(async move {
            let (role, invitation) = redeem(tx, admission, said, now).await?;
            users::compute_looks(tx).await?;
            refuse_taken(tx, &username).await?;
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
            audit::note(tx, event, now).await?;
            newcomers::admit(tx, id, invitation.as_ref(), now).await?;
            Ok(Account { row: UserRow::new(id, username, role, 0), password_hash: hash })
        })
    })
    .await
}

async fn refuse_taken(tx: &Tx, username: &str) -> Result<(), ApiError> {
    if users::by_username(tx, username).await?.is_some() {
        let message = format!("The username {username} is taken.");
        return Err(ApiError::new(ErrorCode::UsernameTaken, message));
    }
    if users::looks_like_another(tx, username).await? {
        return Err(Refusal::UsernameLooksTaken.into());
    }
    Ok(())
}

/// Refuses an invitation that is not good, without using it.
async fn check_admission(
    tx: &Tx,
    admission: &Admission,
    said: Registration,
    now: Millis,
) -> Result<(), ApiError> {
    match admission {
        Admission::Invitation(secret) => find_valid(tx, secret, now).await.map(drop),
        Admission::Open => require_open(tx, said).await,
        Admission::Granted(_) => Ok(()),
    }
}

/// Checks that everybody may register; `said` is what the operator's settings say.
///
/// # Errors
/// Fails if an invitation is needed, or if registration is closed.
pub async fn require_open(tx: &Tx, said: Registration) -> Result<(), ApiError> {
    match server::registration(tx, said).await? {
        Registration::Open => Ok(()),
        Registration::Invitation => Err(Refusal::InvitationNeeded.into()),
        Registration::Closed => Err(Refusal::RegistrationClosed.into()),
    }
}

/// What an invitation is, which is not used by that.
///
/// # Errors
/// It is not good, or not any more.
pub async fn preview(app: &App, secret: &str) -> Result<InvitationPreview, ApiError> {
    let tx = app.db.read().await?;
    let found = find_valid(&tx, secret, app.now()).await?;
    let server = server::about(&tx, server::said(app)).await?;
    Ok(InvitationPreview { server, ..found })
}

async fn find_valid(tx: &Tx, secret: &str, now: Millis) -> Result<InvitationPreview, ApiError> {
    let found = invitations::find_valid(tx, &digest(secret.trim()), now).await?;
    found.ok_or_else(invalid_invitation)
}

fn invalid_invitation() -> ApiError {
    Refusal::InvitationSpent.into()
}

/// The role that the account gets; an invitation is used once more, and answered too.
async fn redeem(
    tx: &Tx,
    admission: Admission,
    said: Registration,
    now: Millis,
) -> Result<(UserRole, Option<RedeemedInvitation>), ApiError> {
    let (role, invitation) = match admission {
        Admission::Open => {
            require_open(tx, said).await?;
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
