//! Routes for accounts: registering, changing one's own password, and administering other users.

use super::extract::{Address, Administrator, Json, Path, Query};
use super::sessions::{self, EndSessionsQuery};
use crate::admin::registration::{self, Admission};
use crate::admin::{accounts, passwords};
use crate::app::App;
use crate::caller::Caller;
use crate::error::ApiError;
use crate::limits::Network;
use crate::queries::{people, users};
use axum::extract::State;
use axum::http::StatusCode;
use parlour_protocol::{
    Credentials, PasswordChange, PasswordReset, PersonInfo, RoleChange, SignedIn, UserId, limits,
    text,
};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

/// Registers a new user and signs them in. On a server that requires invitations, the request contains the secret of
/// one. The invitation of the first administrator is valid even if registration is closed.
#[utoipa::path(
    post,
    path = "/v1/users",
    tag = "people",
    request_body = Credentials,
    responses((status = 200, body = SignedIn), ApiError),
)]
pub async fn register(
    State(app): State<App>,
    Address(address): Address,
    Json(credentials): Json<Credentials>,
) -> Result<Json<SignedIn>, ApiError> {
    let network = Network::from(address);
    app.limits.rates.registration(network)?;
    text::check_device(&credentials.device)?;
    let Credentials { username, password, device, invitation } = credentials;
    let admission = match invitation {
        Some(secret) => Admission::Invitation(secret),
        None => {
            let tx = app.db.read().await?;
            registration::require_open(&tx, app.sign_in.registration()).await?;
            app.limits.rates.open_registration(network)?;
            Admission::Open
        }
    };
    let account =
        registration::register(&app, username, password, admission, Some(address)).await?;
    sessions::create_session(&app, account, &device, address).await.map(Json)
}

/// Filter and cursor for listing users.
#[derive(Deserialize, IntoParams)]
pub struct PeopleQuery {
    /// The id of the last user of the previous page; without it, the page starts with the first one.
    #[param(required = false)]
    pub after: Option<Uuid>,
    /// The beginning of the username or of a word of the display name; without it, all users are listed.
    #[param(required = false)]
    pub name: Option<String>,
}

/// Returns the users who were not erased, ordered by id. After a page of 1,000, request the next one with
/// `after`, the id of its last user. With `name`, returns at most 1,000 users, ordered by name: those whose
/// username, or a word of whose display name, begins with it, regardless of letter case and accents.
#[utoipa::path(
    get,
    path = "/v1/users",
    tag = "people",
    params(PeopleQuery),
    responses((status = 200, body = Vec<PersonInfo>), ApiError),
    security(("token" = [])),
)]
pub async fn list(
    State(app): State<App>,
    Administrator(actor): Administrator,
    Query(PeopleQuery { after, name }): Query<PeopleQuery>,
) -> Result<Json<Vec<PersonInfo>>, ApiError> {
    let (tx, now) = (app.db.read().await?, app.now());
    actor.require_administrator(&tx, now).await?;
    let people = match name {
        Some(name) => people::find_by_name(&tx, &name, now, limits::LIST_ROWS).await?,
        None => people::page(&tx, after.map(UserId), now, limits::LIST_ROWS).await?,
    };
    Ok(Json(people))
}

/// Changes the caller's password, and ends the caller's other sessions unless the request keeps them. The caller's
/// invitations are revoked.
#[utoipa::path(
    put,
    path = "/v1/password",
    tag = "people",
    request_body = PasswordChange,
    responses((status = 204, description = "Done"), ApiError),
    security(("token" = [])),
)]
pub async fn change_password(
    State(app): State<App>,
    caller: Caller,
    Address(address): Address,
    Json(change): Json<PasswordChange>,
) -> Result<StatusCode, ApiError> {
    app.limits.rates.password_confirmation(caller.user_id, caller.session_id)?;
    let tx = app.db.read().await?;
    let user = users::find(&tx, caller.user_id).await?.ok_or_else(ApiError::signed_out)?;
    drop(tx);
    passwords::change(&app, (caller, address), user, change).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Sets a new password for a user who forgot theirs, and ends their sessions.
#[utoipa::path(
    put,
    path = "/v1/users/{id}/password",
    tag = "people",
    params(("id" = Uuid, Path)),
    request_body = PasswordReset,
    responses((status = 204, description = "Done"), ApiError),
    security(("token" = [])),
)]
pub async fn reset_password(
    State(app): State<App>,
    Administrator(actor): Administrator,
    Path(id): Path<Uuid>,
    Json(reset): Json<PasswordReset>,
) -> Result<StatusCode, ApiError> {
    passwords::reset(&app, actor, UserId(id), reset.password).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Makes a user an administrator of the server, or a member again.
#[utoipa::path(
    put,
    path = "/v1/users/{id}/role",
    tag = "people",
    params(("id" = Uuid, Path)),
    request_body = RoleChange,
    responses((status = 204, description = "Done"), ApiError),
    security(("token" = [])),
)]
pub async fn set_role(
    State(app): State<App>,
    Administrator(actor): Administrator,
    Path(id): Path<Uuid>,
    Json(change): Json<RoleChange>,
) -> Result<StatusCode, ApiError> {
    accounts::set_role(&app, actor, UserId(id), change.role).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Deactivates a user, who then cannot sign in, and ends their sessions.
#[utoipa::path(
    post,
    path = "/v1/users/{id}/deactivate",
    tag = "people",
    params(("id" = Uuid, Path), EndSessionsQuery),
    responses((status = 204, description = "Done"), ApiError),
    security(("token" = [])),
)]
pub async fn deactivate(
    State(app): State<App>,
    Administrator(actor): Administrator,
    Path(id): Path<Uuid>,
    Query(EndSessionsQuery { wipe }): Query<EndSessionsQuery>,
) -> Result<StatusCode, ApiError> {
    accounts::deactivate(&app, actor, UserId(id), wipe).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Reactivates a user, who then can sign in again.
#[utoipa::path(
    post,
    path = "/v1/users/{id}/reactivate",
    tag = "people",
    params(("id" = Uuid, Path)),
    responses((status = 204, description = "Done"), ApiError),
    security(("token" = [])),
)]
pub async fn reactivate(
    State(app): State<App>,
    Administrator(actor): Administrator,
    Path(id): Path<Uuid>,
) -> Result<StatusCode, ApiError> {
    accounts::reactivate(&app, actor, UserId(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Erases a user permanently: their name and all data that only they see.
#[utoipa::path(
    post,
    path = "/v1/users/{id}/erase",
    tag = "people",
    params(("id" = Uuid, Path), EndSessionsQuery),
    responses((status = 204, description = "Done"), ApiError),
    security(("token" = [])),
)]
pub async fn erase(
    State(app): State<App>,
    Administrator(actor): Administrator,
    Path(id): Path<Uuid>,
    Query(EndSessionsQuery { wipe }): Query<EndSessionsQuery>,
) -> Result<StatusCode, ApiError> {
    accounts::erase(&app, actor, UserId(id), wipe).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Signs a user out on all of their devices. For the caller's own account, the current device stays signed in.
#[utoipa::path(
    delete,
    path = "/v1/users/{id}/sessions",
    tag = "people",
    params(("id" = Uuid, Path), EndSessionsQuery),
    responses((status = 204, description = "Done"), ApiError),
    security(("token" = [])),
)]
pub async fn end_sessions(
    State(app): State<App>,
    Administrator(actor): Administrator,
    Path(id): Path<Uuid>,
    Query(EndSessionsQuery { wipe }): Query<EndSessionsQuery>,
) -> Result<StatusCode, ApiError> {
    accounts::end_sessions(&app, actor, UserId(id), wipe).await?;
    Ok(StatusCode::NO_CONTENT)
}
