//! Signing in and out.

use super::{Json, Path};
use crate::app::App;
use crate::auth::{Caller, digest, new_token};
use crate::error::ApiError;
use crate::queries::{sessions, users};
use axum::extract::State;
use axum::http::StatusCode;
use parlour_protocol::{Credentials, ErrorCode, SessionId, SessionInfo, SignedIn, UserId};
use uuid::Uuid;

/// Longest device name that is kept, in characters.
const DEVICE_CHARS: usize = 100;
/// Most sessions that a list shows.
const SESSIONS: i64 = 1000;

/// `POST /v1/sessions`. An unknown user and a wrong password cost and say the same.
pub async fn sign_in(
    State(app): State<App>,
    Json(credentials): Json<Credentials>,
) -> Result<Json<SignedIn>, ApiError> {
    let tx = app.db.read().await?;
    let user = users::by_username(&tx, &credentials.username).await?;
    drop(tx);
    let hash = user.as_ref().map(|user| user.password_hash.clone());
    let matches = app.passwords.verify(credentials.password, hash).await?;
    let Some(user) = user.filter(|_| matches) else {
        let message = "The username or the password is wrong.";
        return Err(ApiError::new(ErrorCode::SignIn, message));
    };
    open(&app, user.id, user.username, credentials.device).await.map(Json)
}

/// Opens a session for someone who showed who they are.
pub async fn open(
    app: &App,
    user_id: UserId,
    username: String,
    device: String,
) -> Result<SignedIn, ApiError> {
    let (token, session_id, now) = (new_token(), SessionId(Uuid::now_v7()), app.now());
    let device: String = device.chars().filter(|c| !c.is_control()).take(DEVICE_CHARS).collect();
    let digest = digest(&token);
    app.write(move |tx| {
        Box::pin(async move {
            sessions::insert(tx, user_id, session_id, &digest, &device, now).await?;
            users::touch(tx, user_id, now).await
        })
    })
    .await?;
    Ok(SignedIn { token, session_id, user_id, username })
}

/// `GET /v1/sessions`: the caller's devices that are signed in.
pub async fn list(
    State(app): State<App>,
    caller: Caller,
) -> Result<Json<Vec<SessionInfo>>, ApiError> {
    let tx = app.db.read().await?;
    let rows = sessions::changed(&tx, caller.user_id, 0, SESSIONS).await?;
    let now = app.now();
    let good = rows.into_iter().filter(|row| row.revoked_at.is_none() && row.expires_at > now);
    let info = good.map(|row| SessionInfo {
        current: row.id == caller.session_id,
        id: row.id,
        device: row.device,
        created_at: row.created_at,
        expires_at: row.expires_at,
    });
    Ok(Json(info.collect()))
}

/// `DELETE /v1/sessions/current`
pub async fn sign_out(State(app): State<App>, caller: Caller) -> Result<StatusCode, ApiError> {
    end(&app, caller.user_id, caller.session_id).await
}

/// `DELETE /v1/sessions/{id}`: ends one of the caller's own.
pub async fn revoke(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<Uuid>,
) -> Result<StatusCode, ApiError> {
    end(&app, caller.user_id, SessionId(id)).await
}

async fn end(app: &App, user_id: UserId, id: SessionId) -> Result<StatusCode, ApiError> {
    let now = app.now();
    app.write(move |tx| {
        Box::pin(async move {
            let ended = sessions::revoke(tx, user_id, id, now).await?;
            if ended { Ok(StatusCode::NO_CONTENT) } else { Err(ApiError::gone("session")) }
        })
    })
    .await
}
