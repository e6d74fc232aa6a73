//! Making accounts and looking after them, for the routes and the command line.

use crate::app::App;
use crate::auth::{check_password, check_username, digest, new_secret};
use crate::db::Tx;
use crate::error::ApiError;
use crate::ops::leave;
use crate::queries::{account, conversations, invitations, members, sessions, users};
use parlour_protocol::{
    ConversationType, ErrorCode, Invitation, InvitationId, InvitationRequest, Millis, SessionId,
    UserId, UserRole, UserRow,
};
use uuid::Uuid;

/// A hash that no password has.
pub const NO_PASSWORD: &str = "!";
const MINUTE_MS: i64 = 60_000;
const YEAR_MS: i64 = 366 * 24 * 3600 * 1000;
/// How long the link is good that an empty server prints.
const FIRST_MS: i64 = 24 * 3600 * 1000;

/// How somebody comes to have an account.
pub enum Door {
    /// The server is open to everybody.
    Open,
    /// With an invitation's secret.
    Invitation(String),
    /// The command line lets them in, in this role.
    Given(UserRole),
}

/// Adds an account.
///
/// # Errors
/// A name or password that cannot be used, a name that is taken, an invitation that is not good.
pub async fn add(
    app: &App,
    username: String,
    password: String,
    door: Door,
) -> Result<UserId, ApiError> {
    let (id, now) = (UserId(Uuid::now_v7()), app.now());
    let tx = app.db.read().await?;
    // Who has no invitation learns no names, and sets nothing to work.
    knock(&tx, &door, now).await?;
    check_username(&username)?;
    check_password(&password)?;
    refuse_taken(&tx, &username).await?;
    drop(tx);
    let hash = app.passwords.hash(password).await?;
    app.write(move |tx| {
        Box::pin(async move {
            let role = enter(tx, door, now).await?;
            refuse_taken(tx, &username).await?;
            users::insert(tx, id, &username, &hash, role, now).await?;
            Ok(id)
        })
    })
    .await
}

async fn refuse_taken(tx: &Tx, username: &str) -> Result<(), ApiError> {
    if users::by_username(tx, username).await?.is_none() {
        return Ok(());
    }
    let message = format!("The username {username} is taken.");
    Err(ApiError::new(ErrorCode::UsernameTaken, message))
}

/// Refuses who would not be let in by this door, without using it.
async fn knock(tx: &Tx, door: &Door, now: Millis) -> Result<(), ApiError> {
    match door {
        Door::Invitation(secret)
            if !invitations::is_good(tx, &digest(secret.trim()), now).await? =>
        {
            Err(not_good())
        }
        _ => Ok(()),
    }
}

fn not_good() -> ApiError {
    ApiError::forbidden("This invitation is not good any more. Ask for another one.")
}

/// The role that a door gives.
async fn enter(tx: &Tx, door: Door, now: Millis) -> Result<UserRole, ApiError> {
    let role = match door {
        Door::Open => UserRole::Member,
        Door::Given(role) => role,
        Door::Invitation(secret) => {
            let role = invitations::take(tx, &digest(secret.trim()), now).await?;
            role.ok_or_else(not_good)?
        }
    };
    if role == UserRole::Administrator {
        invitations::revoke_first(tx, now).await?;
    }
    Ok(role)
}

/// The secret of the link with which the first administrator is made, while there is none.
/// Links printed before are void.
///
/// # Errors
/// The database's.
pub async fn first_invitation(app: &App) -> Result<Option<String>, ApiError> {
    let tx = app.db.read().await?;
    if users::has_administrator(&tx, None).await? {
        return Ok(None);
    }
    drop(tx);
    let now = app.now();
    app.write(move |tx| Box::pin(async move { Ok(invitations::revoke_first(tx, now).await?) }))
        .await?;
    let role = UserRole::Administrator;
    let asked = InvitationRequest { lifetime_ms: FIRST_MS, uses: 1, role };
    Ok(Some(invite(app, None, asked).await?.1))
}

/// Makes an invitation; answers it with its secret, which is not kept.
///
/// # Errors
/// A lifetime or a number of uses that makes no sense.
pub async fn invite(
    app: &App,
    created_by: Option<UserId>,
    asked: InvitationRequest,
) -> Result<(Invitation, String), ApiError> {
    if !(MINUTE_MS..=YEAR_MS).contains(&asked.lifetime_ms) {
        return Err(ApiError::invalid("An invitation is good for a minute to a year."));
    }
    if !(1..=10_000).contains(&asked.uses) {
        return Err(ApiError::invalid("An invitation is good for 1 to 10,000 people."));
    }
    let (secret, now) = (new_secret(), app.now());
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
        Box::pin(async move { Ok(invitations::insert(tx, &kept, created_by, &digest).await?) })
    })
    .await?;
    Ok((invitation, secret))
}

/// The account with this name.
///
/// # Errors
/// There is none.
pub async fn find(app: &App, username: &str) -> Result<UserId, ApiError> {
    let tx = app.db.read().await?;
    let user = users::by_username(&tx, username).await?;
    Ok(user.ok_or_else(|| ApiError::gone("person"))?.row.id)
}

/// Gives an account a password, and ends its sessions but one.
///
/// # Errors
/// A password that cannot be used, and nobody to give it to.
pub async fn set_password(
    app: &App,
    id: UserId,
    password: String,
    but: Option<SessionId>,
) -> Result<(), ApiError> {
    let (hash, now) = (app.passwords.hash(password).await?, app.now());
    app.write(move |tx| {
        Box::pin(async move {
            living(tx, id).await?;
            users::set_password(tx, id, &hash).await?;
            Ok(sessions::revoke_others(tx, id, but, now).await?)
        })
    })
    .await
}

/// Says what a person may do on the server.
///
/// # Errors
/// Nobody there, or the last administrator.
pub async fn set_role(app: &App, id: UserId, role: UserRole) -> Result<(), ApiError> {
    app.write(move |tx| {
        Box::pin(async move {
            let mut row = living(tx, id).await?;
            if role == UserRole::Member {
                keep_an_administrator(tx, &row).await?;
            }
            row.role = role;
            Ok(users::update(tx, row).await?)
        })
    })
    .await
}

/// Keeps a person from signing in, and ends their sessions; with `wipe` their devices delete what they
/// hold, those too whose session had ended before.
///
/// # Errors
/// Nobody there, or the last administrator.
pub async fn deactivate(app: &App, id: UserId, wipe: bool) -> Result<(), ApiError> {
    let now = app.now();
    app.write(move |tx| {
        Box::pin(async move {
            let mut row = living(tx, id).await?;
            keep_an_administrator(tx, &row).await?;
            row.deactivated_at = row.deactivated_at.or(Some(now));
            users::update(tx, row).await?;
            if wipe {
                sessions::wipe_all(tx, id).await?;
            }
            Ok(sessions::revoke_others(tx, id, None, now).await?)
        })
    })
    .await
}

/// Lets a person sign in again.
///
/// # Errors
/// Nobody there.
pub async fn reactivate(app: &App, id: UserId) -> Result<(), ApiError> {
    app.write(move |tx| {
        Box::pin(async move {
            let mut row = living(tx, id).await?;
            row.deactivated_at = None;
            Ok(users::update(tx, row).await?)
        })
    })
    .await
}

/// Takes out a person's name and all that they kept for themselves, for good. What they said stays,
/// without their name, because it is part of others' conversations; they leave every group. Their devices
/// delete what they hold with `wipe`, as in [`deactivate`].
///
/// # Errors
/// Nobody there, or the last administrator.
pub async fn erase(app: &App, id: UserId, wipe: bool) -> Result<(), ApiError> {
    let now = app.now();
    app.write(move |tx| {
        Box::pin(async move {
            let mut row = living(tx, id).await?;
            keep_an_administrator(tx, &row).await?;
            for (conversation, _) in members::conversations_of(tx, id).await? {
                let found = conversations::find(tx, conversation).await?;
                if found.is_some_and(|found| found.row.kind == ConversationType::Group) {
                    leave(tx, conversation, id, now).await?;
                }
            }
            account::forget(tx, id).await?;
            users::set_password(tx, id, NO_PASSWORD).await?;
            if wipe {
                sessions::wipe_all(tx, id).await?;
            }
            sessions::revoke_others(tx, id, None, now).await?;
            let id = id.0.simple().to_string();
            row.username = format!("erased-{}", &id[id.len() - 12..]);
            row.role = UserRole::Member;
            row.deactivated_at = row.deactivated_at.or(Some(now));
            row.erased_at = Some(now);
            Ok(users::update(tx, row).await?)
        })
    })
    .await
}

/// A person who was not erased.
async fn living(tx: &Tx, id: UserId) -> Result<UserRow, ApiError> {
    let user = users::find(tx, id).await?.filter(|user| user.row.erased_at.is_none());
    Ok(user.ok_or_else(|| ApiError::gone("person"))?.row)
}

async fn keep_an_administrator(tx: &Tx, row: &UserRow) -> Result<(), ApiError> {
    if row.role != UserRole::Administrator || users::has_administrator(tx, Some(row.id)).await? {
        return Ok(());
    }
    Err(ApiError::forbidden("This is the last administrator. Make another one first."))
}
