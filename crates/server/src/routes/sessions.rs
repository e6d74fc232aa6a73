//! Signing in and out.

use super::extract::{Address, Json, Path, Query};
use crate::admin::invitations::revoke_created_by;
use crate::app::App;
use crate::audit::{self, Action, Event};
use crate::auth::KNOWN_FOR_MS;
use crate::caller::{Actor, Caller};
use crate::error::ApiError;
use crate::limits::{ClientAddress, Network, Requester, SignInLimit};
use crate::names::{check_length, is_reserved};
use crate::queries::users::Account;
use crate::queries::{session_addresses, sessions, users};
use crate::tokens::{bearer_token, digest, new_token};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use parlour_protocol::{
    Credentials, ErrorCode, Millis, Refusal, SessionId, SessionInfo, SignedIn, UserId, text,
};
use serde::Deserialize;
use std::net::IpAddr;
use utoipa::IntoParams;
use uuid::Uuid;

/// The length in characters at which names of devices are cut.
const DEVICE_CHARS: usize = 100;
/// The largest number of sessions in a list.
const LIST_LIMIT: i64 = 1000;

/// Signs in. An unknown user and a wrong password take as long and get the same response. A device that was signed in
/// before may send the token of that session: then its attempts have a rate limit of their own.
#[utoipa::path(
    post,
    path = "/v1/sessions",
    tag = "sessions",
    request_body = Credentials,
    responses((status = 200, body = SignedIn), ApiError),
    security((), ("token" = [])),
)]
pub async fn sign_in(
    State(app): State<App>,
    Address(address): Address,
    headers: HeaderMap,
    Json(credentials): Json<Credentials>,
) -> Result<Json<SignedIn>, ApiError> {
    check_length(&credentials.username)?;
    text::check_device(&credentials.device)?;
    if is_reserved(&credentials.username) {
        return Err(Refusal::UsernameReserved.into());
    }
    let tx = app.db.read().await?;
    let user = users::by_username(&tx, &credentials.username).await?;
    let user_id = user.as_ref().map(|user| user.row.id);
    // The same query runs for an unknown user, so that the time does not differ.
    let account_id = user_id.unwrap_or(UserId(Uuid::nil()));
    let device = match bearer_token(&headers) {
        Some(token) => session_addresses::find_by_token(&tx, &digest(token), account_id).await?,
        None => None,
    };
    drop(tx);
    let device = device.map(|device| (account_id, device));
    let (limit, requester) = count_attempt(&app, address, device, &credentials.username)?;
    let hash = user.as_ref().map(|user| user.password_hash.clone());
    let matches = app.sign_in.passwords.verify(requester, credentials.password, hash).await?;
    let is_allowed = matches && is_allowed(&app, &limit, account_id, address).await?;
    let Some(user) = user.filter(|_| is_allowed) else {
        app.sign_in.failures.count(user_id, address);
        return Err(limit.refusal().unwrap_or_else(wrong_password));
    };
    let signed_in = create_session(&app, user, &credentials.device, address).await;
    if signed_in.is_err() {
        app.sign_in.failures.count(user_id, address);
    }
    signed_in.map(Json)
}

/// Counts a sign-in against the rate limits. Returns which limit it exceeds, and for whom the password is checked.
/// Neither depends on whether the account exists, unless a known device proves it.
fn count_attempt(
    app: &App,
    address: IpAddr,
    device: Option<(UserId, SessionId)>,
    username: &str,
) -> Result<(SignInLimit, Requester), ApiError> {
    if let Some((user, earlier)) = device {
        app.limits.rates.sign_in_by_device(user, earlier)?;
        return Ok((SignInLimit::Within, Requester::known(address)));
    }
    let now = app.now();
    let is_known = app.sign_in.known_addresses.is_known(address, now);
    let limit = app.limits.rates.sign_in(address, username, is_known)?;
    Ok((limit, app.sign_in.requester(address, now)))
}

/// Returns whether the right password is sufficient from this address.
async fn is_allowed(
    app: &App,
    limit: &SignInLimit,
    user: UserId,
    address: IpAddr,
) -> Result<bool, ApiError> {
    let is_known = |used: IpAddr| match limit {
        SignInLimit::Within => true,
        SignInLimit::AccountExceeded(_) => Network::from(used) == address.into(),
        SignInLimit::NetworkExceeded(_) => ClientAddress::from(used) == address.into(),
    };
    if matches!(limit, SignInLimit::Within) {
        return Ok(true);
    }
    let since = Millis(app.now().0 - KNOWN_FOR_MS);
    let used_from = session_addresses::addresses(&app.db.read().await?, user, since).await?;
    Ok(used_from.iter().filter_map(|used| used.parse().ok()).any(is_known))
}

fn wrong_password() -> ApiError {
    ApiError::new(ErrorCode::WrongCredentials, "The username or the password is wrong.")
}

/// Creates a session for a user who was authenticated with the password in `account`. Fails if the password was
/// changed since, or if the account is deactivated.
pub async fn create_session(
    app: &App,
    account: Account,
    device: &str,
    address: IpAddr,
) -> Result<SignedIn, ApiError> {
    let (user_id, checked_hash) = (account.row.id, account.password_hash);
    let (token, session_id, now) = (new_token(), SessionId(Uuid::now_v7()), app.now());
    let device: String = device.chars().take(DEVICE_CHARS).collect();
    let digest = digest(&token);
    let expires_at = app.sign_in.lifetime().expiry(now, now);
    app.write(move |tx| {
        Box::pin(async move {
            let new = sessions::NewSession {
                id: session_id,
                user_id,
                digest: &digest,
                device: &device,
                address: &address.to_string(),
                expires_at,
            };
            let user = users::find(tx, user_id).await?;
            let user = user
                .filter(|user| user.password_hash == checked_hash)
                .ok_or_else(wrong_password)?;
            if user.row.deactivated_at.is_some() {
                return Err(Refusal::AccountDeactivated.into());
            }
            for ended in sessions::revoke_excess(tx, user_id, now).await? {
                let event = Event::from_address(Some(user_id), address, Action::SessionEnded);
                audit::record(tx, event.subject(ended.0).details("reason=too_many"), now).await?;
            }
            sessions::insert(tx, &new, now).await?;
            let event = Event::from_address(Some(user_id), address, Action::SignedIn);
            audit::record(tx, event.subject(session_id.0), now).await?;
            Ok(users::touch(tx, user_id, now).await?)
        })
    })
    .await?;
    app.sign_in.known_addresses.record(address, now);
    Ok(SignedIn { token, session_id, user_id, username: account.row.username })
}

/// Returns the caller's signed-in devices.
#[utoipa::path(
    get,
    path = "/v1/sessions",
    tag = "sessions",
    responses((status = 200, body = Vec<SessionInfo>), ApiError),
    security(("token" = [])),
)]
pub async fn list(
    State(app): State<App>,
    caller: Caller,
) -> Result<Json<Vec<SessionInfo>>, ApiError> {
    let tx = app.db.read().await?;
    let now = app.now();
    sessions::list(&tx, caller.user_id, caller.session_id, now, LIST_LIMIT)
        .await
        .map(Json)
        .map_err(Into::into)
}

/// Signs this device out.
#[utoipa::path(
    delete,
    path = "/v1/sessions/current",
    tag = "sessions",
    responses((status = 204, description = "Done"), ApiError),
    security(("token" = [])),
)]
pub async fn sign_out(
    State(app): State<App>,
    caller: Caller,
    Address(address): Address,
) -> Result<StatusCode, ApiError> {
    end(&app, (caller, address), caller.session_id, false).await
}

/// Signs all other devices of the caller out. The caller's invitations are revoked.
#[utoipa::path(
    delete,
    path = "/v1/sessions/others",
    tag = "sessions",
    responses((status = 204, description = "Done"), ApiError),
    security(("token" = [])),
)]
pub async fn revoke_others(
    State(app): State<App>,
    caller: Caller,
    Address(address): Address,
) -> Result<StatusCode, ApiError> {
    let now = app.now();
    app.write(move |tx| {
        Box::pin(async move {
            caller.require_session(tx, now).await?;
            let (user, current) = (caller.user_id, Some(caller.session_id));
            let actor = Actor::Caller(caller, address);
            // An attacker who had access to the account may have created an invitation.
            revoke_created_by(tx, &actor, user, now).await?;
            if sessions::revoke_others(tx, user, current, now).await? > 0 {
                audit::record(tx, Event::by_actor(&actor, Action::OthersEnded), now).await?;
            }
            Ok(StatusCode::NO_CONTENT)
        })
    })
    .await
}

/// How a session ends.
#[derive(Deserialize, IntoParams)]
pub struct EndSessionsQuery {
    /// Whether its device should delete its local data.
    #[serde(default)]
    #[param(required = false)]
    pub wipe: bool,
}

/// Signs one of the caller's devices out. When it next connects, it locks or deletes its local data. If it is another
/// device than the caller's current one, the caller's invitations are revoked, even if it was signed out before.
#[utoipa::path(
    delete,
    path = "/v1/sessions/{id}",
    tag = "sessions",
    params(("id" = Uuid, Path), EndSessionsQuery),
    responses((status = 204, description = "Done"), ApiError),
    security(("token" = [])),
)]
pub async fn revoke(
    State(app): State<App>,
    caller: Caller,
    Address(address): Address,
    Path(id): Path<Uuid>,
    Query(EndSessionsQuery { wipe }): Query<EndSessionsQuery>,
) -> Result<StatusCode, ApiError> {
    end(&app, (caller, address), SessionId(id), wipe).await
}

async fn end(
    app: &App,
    (caller, address): (Caller, IpAddr),
    id: SessionId,
    wipe: bool,
) -> Result<StatusCode, ApiError> {
    let (now, user_id) = (app.now(), caller.user_id);
    app.write(move |tx| {
        Box::pin(async move {
            caller.require_session(tx, now).await?;
            if !sessions::exists(tx, user_id, id).await? {
                return Err(ApiError::not_found("session"));
            }
            let (actor, is_own) = (Actor::Caller(caller, address), id == caller.session_id);
            if !is_own {
                // The device may be in the hands of an attacker, who may have created an invitation, and may have ended
                // the session since.
                revoke_created_by(tx, &actor, user_id, now).await?;
            }
            // Even if the session has ended, its device can still be instructed to delete its local data.
            let is_marked = wipe && sessions::wipe(tx, user_id, id).await?;
            if sessions::revoke(tx, user_id, id, now).await? || is_marked {
                let action = if is_own { Action::SignedOut } else { Action::SessionEnded };
                let event = Event::by_actor(&actor, action).subject(id.0);
                audit::record(tx, event.details(format!("wipe={wipe}")), now).await?;
            }
            Ok(StatusCode::NO_CONTENT)
        })
    })
    .await
}
