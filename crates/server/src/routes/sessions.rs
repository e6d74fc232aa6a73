//! Signing in and out.

use super::extract::{Address, Json, Path, Query};
use crate::app::App;
use crate::audit::{self, Action, Event};
use crate::caller::{Actor, Caller};
use crate::error::ApiError;
use crate::limits::Network;
use crate::names::{check_length, is_reserved, username_key};
use crate::queries::users::Account;
use crate::queries::{sessions, users};
use crate::tokens::{digest, new_token};
use axum::extract::State;
use axum::http::StatusCode;
use parlour_protocol::{
    Credentials, ErrorCode, Millis, Refusal, SessionId, SessionInfo, SignedIn, UserId, text,
};
use serde::Deserialize;
use std::net::IpAddr;
use utoipa::IntoParams;
use uuid::Uuid;

/// Longest device name that is kept, in characters.
const DEVICE_CHARS: usize = 100;
/// A network that an account was used from within so long is known to be its owner's.
const LATELY_MS: i64 = 90 * 24 * 3600 * 1000;
/// Most sessions that a list shows.
const LIST_LIMIT: i64 = 1000;

/// Signs in. An unknown user and a wrong password cost and say the same.
#[utoipa::path(
    post,
    path = "/v1/sessions",
    tag = "sessions",
    request_body = Credentials,
    responses((status = 200, body = SignedIn), ApiError),
)]
pub async fn sign_in(
    State(app): State<App>,
    Address(address): Address,
    Json(credentials): Json<Credentials>,
) -> Result<Json<SignedIn>, ApiError> {
    check_length(&credentials.username)?;
    text::check_device(&credentials.device)?;
    if username_key(&credentials.username).is_some_and(|key| is_reserved(&key)) {
        return Err(Refusal::UsernameReserved.into());
    }
    let tx = app.db.read().await?;
    let user = users::by_username(&tx, &credentials.username).await?;
    // As much is asked of nobody as of somebody.
    let id = user.as_ref().map_or(UserId(Uuid::nil()), |user| user.row.id);
    let used_from = sessions::addresses(&tx, id, Millis(app.now().0 - LATELY_MS)).await?;
    drop(tx);
    let network = Network::from(address);
    let is_from_here = |used: &String| used.parse().is_ok_and(|ip: IpAddr| network == ip.into());
    let hash = user.as_ref().map(|user| user.password_hash.clone());
    let matches = if used_from.iter().any(is_from_here) {
        app.limits.rates.sign_in_again(network, &credentials.username)?;
        app.sign_in.passwords.verify(credentials.password, hash).await?
    } else {
        app.limits.rates.sign_in(network, &credentials.username)?;
        app.sign_in.passwords.verify_stranger(credentials.password, hash).await?
    };
    let user_id = user.as_ref().map(|user| user.row.id);
    let Some(user) = user.filter(|_| matches) else {
        app.sign_in.failures.count(user_id, address);
        return Err(wrong());
    };
    let opened = open(&app, user, &credentials.device, address).await;
    if opened.is_err() {
        app.sign_in.failures.count(user_id, address);
    }
    opened.map(Json)
}

fn wrong() -> ApiError {
    ApiError::new(ErrorCode::SignIn, "The username or the password is wrong.")
}

/// Opens a session for someone who showed who they are, by the password that the account has here. If
/// it has another one when the session begins, or nobody may sign in to it any more, there is none.
pub async fn open(
    app: &App,
    account: Account,
    device: &str,
    address: IpAddr,
) -> Result<SignedIn, ApiError> {
    let (user_id, shown) = (account.row.id, account.password_hash);
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
            let user = user.filter(|user| user.password_hash == shown).ok_or_else(wrong)?;
            if user.row.deactivated_at.is_some() {
                return Err(Refusal::AccountDeactivated.into());
            }
            for ended in sessions::make_room(tx, user_id, now).await? {
                let event = Event::from_address(Some(user_id), address, Action::SessionEnded);
                audit::note(tx, event.subject(ended.0).details("reason=too_many"), now).await?;
            }
            sessions::insert(tx, &new, now).await?;
            let event = Event::from_address(Some(user_id), address, Action::SignedIn);
            audit::note(tx, event.subject(session_id.0), now).await?;
            Ok(users::touch(tx, user_id, now).await?)
        })
    })
    .await?;
    Ok(SignedIn { token, session_id, user_id, username: account.row.username })
}

/// The caller's devices that are signed in.
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

/// Signs every other device of the caller's out.
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
            caller.require(tx, now).await?;
            sessions::revoke_others(tx, caller.user_id, Some(caller.session_id), now).await?;
            let event = Event::by_actor(&Actor::Caller(caller, address), Action::OthersEnded);
            audit::note(tx, event, now).await?;
            Ok(StatusCode::NO_CONTENT)
        })
    })
    .await
}

/// How a session ends.
#[derive(Deserialize, IntoParams)]
pub struct EndQuery {
    /// Whether its device is to delete what it holds.
    #[serde(default)]
    #[param(required = false)]
    pub wipe: bool,
}

/// Signs one of the caller's own devices out. At its next contact it locks what it holds, or deletes it.
#[utoipa::path(
    delete,
    path = "/v1/sessions/{id}",
    tag = "sessions",
    params(("id" = Uuid, Path), EndQuery),
    responses((status = 204, description = "Done"), ApiError),
    security(("token" = [])),
)]
pub async fn revoke(
    State(app): State<App>,
    caller: Caller,
    Address(address): Address,
    Path(id): Path<Uuid>,
    Query(EndQuery { wipe }): Query<EndQuery>,
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
            caller.require(tx, now).await?;
            if wipe {
                sessions::wipe(tx, user_id, id).await?;
            }
            if !sessions::revoke(tx, user_id, id, now).await? {
                return Err(ApiError::not_found("session"));
            }
            let is_own = id == caller.session_id;
            let action = if is_own { Action::SignedOut } else { Action::SessionEnded };
            let event = Event::by_actor(&Actor::Caller(caller, address), action).subject(id.0);
            audit::note(tx, event.details(format!("wipe={wipe}")), now).await?;
            Ok(StatusCode::NO_CONTENT)
        })
    })
    .await
}
