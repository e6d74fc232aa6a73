//! Every address of the server. A route checks who asks and tells the story; the SQL is in
//! `queries`. What `/openapi.json` says of it stands above it.

mod audit;
mod conversations;
mod docs;
#[cfg(any(test, fuzzing))]
mod fuzz;
mod groups;
mod invitations;
mod messages;
mod ops;
mod safety;
mod server;
mod sessions;
mod socket;
mod streams;
mod users;

#[cfg(any(test, fuzzing))]
pub use fuzz::query;

use crate::app::App;
use crate::auth::Address;
use crate::error::ApiError;
use crate::under_way::Weight;
use axum::Router;
use axum::body::{Body, HttpBody};
use axum::extract::{DefaultBodyLimit, FromRequest, FromRequestParts, Request, State};
use axum::http::HeaderValue;
use axum::http::header::CONTENT_TYPE;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use parlour_protocol::{ErrorCode, limits};
use tokio::time::timeout;
use tower_http::CompressionLevel;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::SizeAbove;
use tower_http::timeout::TimeoutBody;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Smaller answers are sent as they are: a compressor costs more than it saves there.
const COMPRESSED_BYTES: u16 = 4096;

/// Largest body of a request that strangers may make, and of what is as small: names and passwords.
const SMALL_BYTES: usize = 8 * 1024;

/// The whole server.
pub fn router(app: App) -> Router {
    let (router, api) = OpenApiRouter::with_openapi(docs::Api::openapi())
        .routes(routes!(server::info))
        .routes(routes!(users::register))
        .routes(routes!(users::reset_password))
        .routes(routes!(users::set_role))
        .routes(routes!(users::deactivate))
        .routes(routes!(users::reactivate))
        .routes(routes!(users::erase))
        .routes(routes!(users::change_password))
        .routes(routes!(invitations::create, invitations::list))
        .routes(routes!(invitations::revoke))
        .routes(routes!(groups::ownerless))
        .routes(routes!(groups::take_over))
        .routes(routes!(audit::list))
        .routes(routes!(sessions::sign_in, sessions::list))
        .routes(routes!(sessions::revoke_others))
        .routes(routes!(sessions::sign_out))
        .routes(routes!(sessions::revoke))
        .routes(routes!(streams::heads))
        .routes(routes!(streams::changes))
        .routes(routes!(streams::state))
        .routes(routes!(streams::state_digest))
        .routes(routes!(conversations::bootstrap))
        .routes(routes!(conversations::history))
        .routes(routes!(conversations::digest))
        .routes(routes!(messages::edits))
        .routes(routes!(socket::open))
        .layer(DefaultBodyLimit::max(SMALL_BYTES))
        .merge(large())
        .split_for_parts();
    router
        .merge(invitations::pages())
        .merge(docs::router(&api))
        .fallback(invitations::fallback)
        .method_not_allowed_fallback(async || ApiError::method())
        .layer(
            CompressionLayer::new()
                .quality(CompressionLevel::Fastest)
                .compress_when(SizeAbove::new(COMPRESSED_BYTES)),
        )
        .layer(from_fn_with_state(app.clone(), in_time))
        .layer(from_fn_with_state(app.clone(), count))
        .layer(from_fn_with_state(app.clone(), safety::protect))
        .with_state(app)
}

/// What takes more than a few words, and only of who is signed in.
fn large() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(ops::apply))
        .routes(routes!(streams::pull))
        .layer(DefaultBodyLimit::max(limits::REQUEST_BYTES))
}

/// Counts a request against its network's limit, whoever asks.
async fn count(
    State(app): State<App>,
    Address(address): Address,
    request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    app.limits.network(address.into())?;
    Ok(next.run(request).await)
}

/// Lets a request come, and its answer begin, within their time.
async fn in_time(
    State(app): State<App>,
    request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    let limits = app.connections;
    let piecewise = |body: Body| match body.is_end_stream() {
        true => body,
        false => Body::new(TimeoutBody::new(limits.piece, body)),
    };
    let answered = timeout(limits.request, next.run(request.map(piecewise))).await;
    answered.map_err(|_| ApiError::late())
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

/// An answer in JSON, written already.
pub struct Written {
    json: Vec<u8>,
    weight: Option<Weight>,
}

impl Written {
    pub fn new(answer: &impl serde::Serialize) -> Result<Self, ApiError> {
        let json = serde_json::to_vec(answer);
        json.map(|json| Self { json, weight: None }).map_err(|error| {
            tracing::error!(%error, "an answer cannot be written");
            ApiError::new(ErrorCode::Internal, "The server failed. Its log says why.")
        })
    }

    /// How many they are.
    pub fn bytes(&self) -> usize {
        self.json.len()
    }

    /// Holds room for as long as it is on its way.
    pub fn held(self, weight: Option<Weight>) -> Self {
        Self { weight, ..self }
    }
}

impl axum::response::IntoResponse for Written {
    fn into_response(self) -> axum::response::Response {
        let json = HeaderValue::from_static("application/json");
        let mut response = ([(CONTENT_TYPE, json)], self.json).into_response();
        if let Some(weight) = self.weight {
            response.extensions_mut().insert(weight);
        }
        response
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
