//! Making accounts and looking after them, for the routes and the command line.

use crate::app::App;
use crate::audit::{self, Action, Event};
use crate::auth::{Caller, check_password, digest, new_secret};
use crate::db::Tx;
use crate::error::ApiError;
use crate::names::{ERASED, check_username};
use crate::ops::{hand_on, leave};
use crate::queries::{account, conversations, invitations, members, sessions, users};
use parlour_protocol::{
    ConversationType, ErrorCode, Invitation, InvitationId, InvitationRequest, Millis,
    PasswordChange, UserId, UserRole, UserRow,
};
use std::net::IpAddr;
use uuid::Uuid;

pub use crate::auth::By;
use crate::queries::users::Account;

/// A hash that no password has.
pub const NO_PASSWORD: &str = "!";
const MINUTE_MS: i64 = 60_000;
const YEAR_MS: i64 = 366 * 24 * 3600 * 1000;
/// How long a link is good, at most, that makes an administrator.
pub const ADMINISTRATOR_MS: i64 = 24 * 3600 * 1000;

/// How somebody comes to have an account.
pub enum Door {
    /// The server is open to everybody.
    Open,
    /// With an invitation's secret.
    Invitation(String),
    /// The command line lets them in, in this role.
    Given(UserRole),
}

/// Adds an account; answers it as sign-in needs it. Whoever asks from nowhere sits at the server's
/// computer.
///
/// # Errors
/// A name or password that cannot be used, a name that is taken, an invitation that is not good.
pub async fn add(
    app: &App,
    username: String,
    password: String,
    door: Door,
    address: Option<IpAddr>,
) -> Result<Account, ApiError> {
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
            let (role, invitation) = enter(tx, door, now).await?;
            users::work_out_looks(tx).await?;
            refuse_taken(tx, &username).await?;
            users::insert(tx, id, &username, &hash, role, now).await?;
            let event = match address {
                Some(address) => Event::of(Some(id), address, Action::Registered),
                None => Event::by(&By::Command, Action::Registered),
            };
            let by = invitation.map(|id| format!(" invitation={id}")).unwrap_or_default();
            let event = event.to(id.0).with(format!("role={}{by}", role.as_str()));
            audit::note(tx, event, now).await?;
            Ok(Account { row: UserRow::new(id, username, role, 0), password_hash: hash })
        })
    })
    .await
}

async fn refuse_taken(tx: &Tx, username: &str) -> Result<(), ApiError> {
    let message = if users::by_username(tx, username).await?.is_some() {
        format!("The username {username} is taken.")
    } else if users::looks_like_another(tx, username).await? {
        format!("The username {username} looks like somebody else's. Choose another one.")
    } else {
        return Ok(());
    };
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

/// The role that a door gives, and the invitation that it was, if it was one.
async fn enter(
    tx: &Tx,
    door: Door,
    now: Millis,
) -> Result<(UserRole, Option<InvitationId>), ApiError> {
    let (role, invitation) = match door {
        Door::Open => (UserRole::Member, None),
        Door::Given(role) => (role, None),
        Door::Invitation(secret) => {
            let taken = invitations::take(tx, &digest(secret.trim()), now).await?;
            let (id, role) = taken.ok_or_else(not_good)?;
            (role, Some(id))
        }
    };
    if role == UserRole::Administrator {
        invitations::revoke_first(tx, now).await?;
    }
    Ok((role, invitation))
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
    let asked = InvitationRequest { lifetime_ms: ADMINISTRATOR_MS, uses: 1, role };
    Ok(Some(invite(app, By::Command, asked).await?.1))
}

/// Makes an invitation; answers it with its secret, which is not kept. It is void as soon as who made
/// it is no administrator any more, or deactivated.
///
/// # Errors
/// A lifetime or a number of uses that makes no sense, or is too much for an administrator's; who is no
/// administrator.
pub async fn invite(
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

/// Makes an invitation void.
///
/// # Errors
/// There is none that is not void; who is no administrator.
pub async fn revoke_invitation(app: &App, by: By, id: InvitationId) -> Result<(), ApiError> {
    let now = app.now();
    app.write(move |tx| {
        Box::pin(async move {
            by.require_administrator(tx, now).await?;
            if !invitations::revoke(tx, id, now).await? {
                return Err(ApiError::gone("invitation"));
            }
            let event = Event::by(&by, Action::InvitationVoided).to(id.0);
            Ok(audit::note(tx, event, now).await?)
        })
    })
    .await
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

/// Gives somebody who forgot theirs, or never had one, a new password, and ends their sessions. Groups of theirs
/// that nobody owns who can sign in are handed on, as in [`deactivate`].
///
/// # Errors
/// A password that cannot be used, and nobody to give it to; who is no administrator.
pub async fn set_password(app: &App, by: By, id: UserId, password: String) -> Result<(), ApiError> {
    if by.user_id() == Some(id) {
        // An open window alone must not be enough.
        let message = "Your own password is changed with the one that you have now.";
        return Err(ApiError::forbidden(message));
    }
    let (hash, now) = (app.passwords.hash(password).await?, app.now());
    app.write(move |tx| {
        Box::pin(async move {
            by.require_administrator(tx, now).await?;
            living(tx, id).await?;
            users::set_password(tx, id, &hash).await?;
            // Whoever came by an import can sign in from here on.
            hand_on_groups_of(tx, id).await?;
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
pub async fn change_password(
    app: &App,
    (caller, address): (Caller, IpAddr),
    known: Account,
    change: PasswordChange,
) -> Result<(), ApiError> {
    let known = known.password_hash;
    if !app.passwords.verify(change.current, Some(known.clone())).await? {
        app.failures.count(Some(caller.user_id), address);
        return Err(ApiError::new(ErrorCode::SignIn, "The current password is wrong."));
    }
    let (hash, now) = (app.passwords.hash(change.new).await?, app.now());
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

/// Says what a person may do on the server. Who is no administrator any more loses their invitations.
///
/// # Errors
/// Nobody there, or the last administrator; who is no administrator.
pub async fn set_role(app: &App, by: By, id: UserId, role: UserRole) -> Result<(), ApiError> {
    let now = app.now();
    app.write(move |tx| {
        Box::pin(async move {
            by.require_administrator(tx, now).await?;
            let mut row = living(tx, id).await?;
            if role == UserRole::Member {
                keep_an_administrator(tx, &row).await?;
                invitations::revoke_of(tx, id, now).await?;
            }
            row.role = role;
            let event = Event::by(&by, Action::RoleChanged).to(id.0);
            audit::note(tx, event.with(format!("role={}", role.as_str())), now).await?;
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
pub async fn deactivate(app: &App, by: By, id: UserId, wipe: bool) -> Result<(), ApiError> {
    let now = app.now();
    app.write(move |tx| {
        Box::pin(async move {
            by.require_administrator(tx, now).await?;
            let mut row = living(tx, id).await?;
            keep_an_administrator(tx, &row).await?;
            row.deactivated_at = row.deactivated_at.or(Some(now));
            users::update(tx, row).await?;
            for conversation in members::owned_by(tx, id).await? {
                hand_on(tx, conversation).await?;
            }
            invitations::revoke_of(tx, id, now).await?;
            let event = Event::by(&by, Action::Deactivated).to(id.0);
            audit::note(tx, event.with(format!("wipe={wipe}")), now).await?;
            if wipe {
                sessions::wipe_all(tx, id).await?;
            }
            Ok(sessions::revoke_others(tx, id, None, now).await?)
        })
    })
    .await
}

/// Lets a person sign in again. A group of theirs that nobody owns who can is handed on, as in
/// [`deactivate`].
///
/// # Errors
/// Nobody there; who is no administrator.
pub async fn reactivate(app: &App, by: By, id: UserId) -> Result<(), ApiError> {
    let now = app.now();
    app.write(move |tx| {
        Box::pin(async move {
            by.require_administrator(tx, now).await?;
            let mut row = living(tx, id).await?;
            row.deactivated_at = None;
            audit::note(tx, Event::by(&by, Action::Reactivated).to(id.0), now).await?;
            users::update(tx, row).await?;
            hand_on_groups_of(tx, id).await
        })
    })
    .await
}

/// Hands on the groups of somebody who can sign in now, where nobody could.
async fn hand_on_groups_of(tx: &Tx, id: UserId) -> Result<(), ApiError> {
    for (conversation, _) in members::conversations_of(tx, id).await? {
        hand_on(tx, conversation).await?;
    }
    Ok(())
}

/// Takes out a person's name and all that they kept for themselves, for good: drafts, saved messages,
/// settings, what they did lately, what their devices are called and where they were, and when they were
/// last here. They leave every group. What they said and how they reacted stays, without their name, because
/// it is part of others' conversations, and so do the audit's entries, which name nobody, for their year.
/// Their devices delete what they hold with `wipe`, as in [`deactivate`].
///
/// # Errors
/// Nobody there, or the last administrator; who is no administrator.
pub async fn erase(app: &App, by: By, id: UserId, wipe: bool) -> Result<(), ApiError> {
    let now = app.now();
    app.write(move |tx| {
        Box::pin(async move {
            by.require_administrator(tx, now).await?;
            let mut row = living(tx, id).await?;
            keep_an_administrator(tx, &row).await?;
            invitations::revoke_of(tx, id, now).await?;
            for (conversation, _) in members::conversations_of(tx, id).await? {
                let found = conversations::find(tx, conversation).await?;
                if found.is_some_and(|found| found.row.kind == ConversationType::Group) {
                    leave(tx, conversation, id, now).await?;
                }
            }
            account::forget(tx, id).await?;
            let event = Event::by(&by, Action::Erased).to(id.0);
            audit::note(tx, event.with(format!("wipe={wipe}")), now).await?;
            users::set_password(tx, id, NO_PASSWORD).await?;
            if wipe {
                sessions::wipe_all(tx, id).await?;
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

/// A person who was not erased.
async fn living(tx: &Tx, id: UserId) -> Result<UserRow, ApiError> {
    let user = users::find(tx, id).await?.filter(|user| user.row.erased_at.is_none());
    Ok(user.ok_or_else(|| ApiError::gone("person"))?.row)
}

async fn keep_an_administrator(tx: &Tx, row: &UserRow) -> Result<(), ApiError> {
    let is_needed = row.role == UserRole::Administrator && row.deactivated_at.is_none();
    if !is_needed || users::has_administrator(tx, Some(row.id)).await? {
        return Ok(());
    }
    Err(ApiError::forbidden("This is the last administrator. Make another one first."))
}
