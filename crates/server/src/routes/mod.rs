//! The routes of the server. A route checks the caller and calls the layers below; the SQL is in `queries`. The
//! attribute and comment of a route are its documentation in `/openapi.json`.

mod administration;
mod audit;
mod conversations;
mod docs;
mod downloads;
mod error;
mod extract;
#[cfg(any(test, fuzzing))]
mod fuzz;
mod groups;
mod host;
mod invitations;
mod messages;
mod observe;
mod ops;
mod pages;
mod pictures;
mod range;
mod respond;
mod safety;
mod server;
mod sessions;
mod socket;
mod streams;
mod uploads;
mod users;
mod watch;

#[cfg(any(test, fuzzing))]
pub use fuzz::query;

use crate::app::App;
use crate::error::ApiError;
use axum::Router;
use axum::body::{Body, HttpBody};
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::Response;
use extract::Address;
use parlour_protocol::limits;
use tokio::time::timeout;
use tower_http::CompressionLevel;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{NotForContentType, Predicate, SizeAbove};
use tower_http::timeout::TimeoutBody;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The size in bytes from which responses are compressed. For smaller ones a compressor costs more than it saves.
const COMPRESSED_BYTES: u16 = 4096;

/// The largest body, in bytes, of requests without a token, and of others that contain only names and passwords.
const SMALL_BYTES: usize = 8 * 1024;

/// Returns all routes with their middleware.
pub fn router(app: App) -> Router {
    let (router, api) = OpenApiRouter::with_openapi(docs::Api::openapi())
        .routes(routes!(server::info))
        .routes(routes!(administration::server, administration::change_server))
        .routes(routes!(watch::alive))
        .routes(routes!(watch::ready))
        .routes(routes!(watch::metrics))
        .routes(routes!(users::register, users::list))
        .routes(routes!(users::reset_password))
        .routes(routes!(users::set_role))
        .routes(routes!(users::deactivate))
        .routes(routes!(users::reactivate))
        .routes(routes!(users::erase))
        .routes(routes!(users::end_sessions))
        .routes(routes!(users::change_password))
        .routes(routes!(pictures::find))
        .routes(routes!(pictures::find_invited))
        .routes(routes!(invitations::create, invitations::list))
        .routes(routes!(invitations::preview))
        .routes(routes!(invitations::revoke))
        .routes(routes!(groups::default, groups::set_default))
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
        .routes(routes!(downloads::file))
        .routes(routes!(downloads::thumbnail))
        .routes(routes!(uploads::limits))
        .routes(routes!(socket::open))
        .layer(DefaultBodyLimit::max(SMALL_BYTES))
        .merge(large())
        .merge(with_pictures())
        .merge(uploads())
        .split_for_parts();
    router
        .merge(pages::pages())
        .merge(docs::router(&api))
        .fallback(invitations::fallback)
        .method_not_allowed_fallback(async || ApiError::method_not_allowed())
        .layer(
            CompressionLayer::new().quality(CompressionLevel::Fastest).compress_when(
                SizeAbove::new(COMPRESSED_BYTES)
                    .and(NotForContentType::IMAGES)
                    .and(NotForContentType::const_new("application/octet-stream")),
            ),
        )
        .layer(from_fn_with_state(app.clone(), limit_time))
        .layer(from_fn_with_state(app.clone(), limit_rate))
        .layer(from_fn(host::require))
        .layer(from_fn_with_state(app.clone(), safety::protect))
        .layer(from_fn_with_state(app.clone(), observe::observe))
        .with_state(app)
}

/// Returns the routes with larger bodies, all of which require a token.
fn large() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(ops::apply))
        .routes(routes!(streams::pull))
        .layer(DefaultBodyLimit::max(limits::REQUEST_BYTES))
}

/// Returns the routes whose body is a picture.
fn with_pictures() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(pictures::set, pictures::remove))
        .routes(routes!(pictures::set_servers, pictures::remove_servers))
        .layer(DefaultBodyLimit::max(limits::PICTURE_BYTES))
}

/// Returns the routes for one upload, whose parts are bodies.
fn uploads() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(uploads::begin, uploads::state, uploads::add_part, uploads::cancel))
        .layer(DefaultBodyLimit::max(limits::PART_BYTES))
}

/// Counts a request against the rate limit of its network.
async fn limit_rate(
    State(app): State<App>,
    Address(address): Address,
    request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    app.limits.rates.network(address.into())?;
    Ok(next.run(request).await)
}

/// Limits the time in which a request must arrive, and in which its response must start.
async fn limit_time(
    State(app): State<App>,
    request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    let limits = app.connections;
    let with_timeout = |body: Body| match body.is_end_stream() {
        true => body,
        false => Body::new(TimeoutBody::new(limits.body_chunk, body)),
    };
    let response = timeout(limits.request, next.run(request.map(with_timeout))).await;
    response.map_err(|_| ApiError::timed_out())
}
