//! The extractors of routes: the caller, the client's address, and the parameters and body of a request.

use crate::app::App;
use crate::caller::{Actor, Caller, check_administrator};
use crate::connections::ActiveRequest;
use crate::error::ApiError;
use crate::queries::sessions::{self, Session};
use crate::queries::users;
use crate::tokens::{bearer_token, digest};
use axum::extract::{ConnectInfo, FromRequest, FromRequestParts};
use axum::http::request::Parts;
use parlour_protocol::Millis;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

/// Extracts the signed-in caller. A handler without this is public.
impl FromRequestParts<App> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let token = bearer_token(&parts.headers).ok_or_else(ApiError::signed_out)?;
        let now = app.now();
        let checked = app.sign_in.sessions.current_check();
        let session = app.sign_in.sessions.find(&app.db, digest(token), now).await?;
        app.limits.rates.account(session.user_id)?;
        let permit = app.limits.in_flight.admit(session.user_id).await?;
        if let Some(request) = parts.extensions.get::<Arc<ActiveRequest>>() {
            request.hold(permit);
        }
        if app.sign_in.last_seen.is_due(session.id, now) {
            let address = address(parts, app);
            app.sign_in.known_addresses.record(address, now);
            record_use(app, &session, address.to_string(), now).await;
        }
        let Session { user_id, id: session_id, role, .. } = session;
        Ok(Self { user_id, session_id, role, checked })
    }
}

/// A caller who is an administrator of the server. The transaction checks that again.
#[derive(Debug, Clone, Copy)]
pub struct Administrator(pub Actor);

impl FromRequestParts<App> for Administrator {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let caller = Caller::from_request_parts(parts, app).await?;
        check_administrator(caller.role)?;
        Ok(Self(Actor::Caller(caller, address(parts, app))))
    }
}

/// The address that a request comes from.
#[derive(Debug, Clone, Copy)]
pub struct Address(pub IpAddr);

impl FromRequestParts<App> for Address {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        Ok(Self(address(parts, app)))
    }
}

/// Returns the peer's address or, behind trusted proxies, the address of the client that connected to the first of
/// them. An IPv4 client of a server that listens for IPv6 has its IPv4 address.
fn address(parts: &Parts, app: &App) -> IpAddr {
    let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0.ip());
    let forwarded = app.proxies.client(&parts.headers);
    let address = forwarded.or(peer).unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
    address.to_canonical()
}

/// Records that a session is used, which extends it. A failure is only logged, because the request does not depend on
/// it.
async fn record_use(app: &App, session: &Session, address: String, now: Millis) {
    let (id, user_id) = (session.id, session.user_id);
    let expires_at = app.sign_in.lifetime().expiry(session.created_at, now);
    let recorded = app.write(move |tx| {
        Box::pin(async move {
            users::touch(tx, user_id, now).await?;
            Ok(sessions::touch(tx, id, &address, now, expires_at).await?)
        })
    });
    if let Err(error) = recorded.await {
        tracing::warn!(session = %id, code = %error.code, "session {id}: its use was not recorded");
    }
}

/// A JSON body of a request or a response. An invalid one is refused with the error format of the API.
#[derive(FromRequest)]
#[from_request(via(axum::Json), rejection(ApiError))]
pub struct Json<T>(pub T);

impl<T: serde::Serialize> axum::response::IntoResponse for Json<T> {
    fn into_response(self) -> axum::response::Response {
        axum::Json(self.0).into_response()
    }
}

/// A query string. An invalid one is refused with the error format of the API.
#[derive(FromRequestParts)]
#[from_request(via(axum::extract::Query), rejection(ApiError))]
pub struct Query<T>(pub T);

/// The parameters in the path. Invalid ones are refused with the error format of the API.
#[derive(FromRequestParts)]
#[from_request(via(axum::extract::Path), rejection(ApiError))]
pub struct Path<T>(pub T);
