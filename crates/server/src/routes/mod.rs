//! Every address of the server. A route checks who asks and tells the story; the SQL is in
//! `queries`.

mod conversations;
mod ops;
mod server;
mod sessions;
mod socket;
mod streams;
mod users;

use crate::app::App;
use crate::error::ApiError;
use axum::Router;
use axum::extract::{DefaultBodyLimit, FromRequest, FromRequestParts};
use axum::routing::{delete, get, post};
use parlour_protocol::limits;
use tower_http::CompressionLevel;
use tower_http::compression::CompressionLayer;

/// The whole server.
pub fn router(app: App) -> Router {
    Router::new()
        .route("/v1/server", get(server::info))
        .route("/v1/users", post(users::register))
        .route("/v1/sessions", post(sessions::sign_in).get(sessions::list))
        .route("/v1/sessions/current", delete(sessions::sign_out))
        .route("/v1/sessions/{id}", delete(sessions::revoke))
        .route("/v1/ops", post(ops::apply))
        .route("/v1/heads", get(streams::heads))
        .route("/v1/changes", get(streams::changes))
        .route("/v1/bootstrap", get(conversations::bootstrap))
        .route("/v1/history", get(conversations::history))
        .route("/v1/socket", get(socket::open))
        .fallback(async || ApiError::gone("address"))
        .method_not_allowed_fallback(async || ApiError::gone("action at this address"))
        .layer(CompressionLayer::new().quality(CompressionLevel::Fastest))
        .layer(DefaultBodyLimit::max(limits::REQUEST_BYTES))
        .with_state(app)
}

/// A JSON body, in or out; a bad one is refused with the envelope.
#[derive(FromRequest)]
#[from_request(via(axum::Json), rejection(ApiError))]
pub struct Json<T>(pub T);

impl<T: serde::Serialize> axum::response::IntoResponse for Json<T> {
    fn into_response(self) -> axum::response::Response {
        axum::Json(self.0).into_response()
    }
}

/// A query string; a bad one is refused with the envelope.
#[derive(FromRequestParts)]
#[from_request(via(axum::extract::Query), rejection(ApiError))]
pub struct Query<T>(pub T);

/// A part of the address; a bad one is refused with the envelope.
#[derive(FromRequestParts)]
#[from_request(via(axum::extract::Path), rejection(ApiError))]
pub struct Path<T>(pub T);
