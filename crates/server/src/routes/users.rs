//! People: getting in, one's own password, and what administrators do for others.

use super::extract::{Address, Administrator, Json, Path, Query};
use super::sessions::{self, EndQuery};
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

/// Registers, and signs the new person in. Where one must be invited, the invitation's secret comes
/// with it; the first administrator's also opens a closed server.
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
    sessions::open(&app, account, &device, address).await.map(Json)
}

/// Of whom a list is.
#[derive(Deserialize, IntoParams)]
pub struct PeopleQuery {
    /// The last one of the page before; left out, the list begins with the first.
    #[param(required = false)]
    pub after: Option<Uuid>,
    /// How their usernames, or words of their display names, begin; left out, it is of everybody.
    #[param(required = false)]
    pub name: Option<String>,
}

/// Everybody who was not erased, by id. A page with 1,000 of them goes on with `after`, the id of its last.
/// With `name`, those whose username, or a word of whose display name, begins so, whatever its letter case and
/// accents: by name, 1,000 at most and no further.
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

/// Changes one's own password, and ends one's other sessions unless they are to stay.
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
    app.limits.rates.own_password(caller.user_id, caller.session_id)?;
    let tx = app.db.read().await?;
    let user = users::find(&tx, caller.user_id).await?.ok_or_else(ApiError::signed_out)?;
    drop(tx);
    passwords::change(&app, (caller, address), user, change).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Gives somebody who forgot theirs a new password, and ends their sessions.
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

/// Makes somebody an administrator of the server, or a member again.
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

/// Keeps somebody from signing in, and ends their sessions.
#[utoipa::path(
    post,
    path = "/v1/users/{id}/deactivate",
    tag = "people",
    params(("id" = Uuid, Path), EndQuery),
    responses((status = 204, description = "Done"), ApiError),
    security(("token" = [])),
)]
pub async fn deactivate(
    State(app): State<App>,
    Administrator(actor): Administrator,
    Path(id): Path<Uuid>,
    Query(EndQuery { wipe }): Query<EndQuery>,
) -> Result<StatusCode, ApiError> {
    accounts::deactivate(&app, actor, UserId(id), wipe).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Lets somebody sign in again.
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

/// Takes out somebody's name and all that they kept for themselves, for good.
#[utoipa::path(
    post,
    path = "/v1/users/{id}/erase",
    tag = "people",
    params(("id" = Uuid, Path), EndQuery),
    responses((status = 204, description = "Done"), ApiError),
    security(("token" = [])),
)]
pub async fn erase(
    State(app): State<App>,
    Administrator(actor): Administrator,
    Path(id): Path<Uuid>,
    Query(EndQuery { wipe }): Query<EndQuery>,
) -> Result<StatusCode, ApiError> {
    accounts::erase(&app, actor, UserId(id), wipe).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Signs somebody out on all of their devices; of one's own, this one stays signed in.
#[utoipa::path(
    delete,
    path = "/v1/users/{id}/sessions",
    tag = "people",
    params(("id" = Uuid, Path), EndQuery),
    responses((status = 204, description = "Done"), ApiError),
    security(("token" = [])),
)]
pub async fn end_sessions(
    State(app): State<App>,
    Administrator(actor): Administrator,
    Path(id): Path<Uuid>,
    Query(EndQuery { wipe }): Query<EndQuery>,
) -> Result<StatusCode, ApiError> {
    accounts::end_sessions(&app, actor, UserId(id), wipe).await?;
    Ok(StatusCode::NO_CONTENT)
}
