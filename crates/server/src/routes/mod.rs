//! Every address of the server. A route checks who asks and tells the story; the SQL is in
//! `queries`. What `/openapi.json` says of it stands above it.

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

/// Smaller answers are sent as they are: a compressor costs more than it saves there.
const COMPRESSED_BYTES: u16 = 4096;

/// Largest body of a request that strangers may make, and of what is as small: names and passwords.
const SMALL_BYTES: usize = 8 * 1024;

/// The whole server.
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
        .layer(from_fn_with_state(app.clone(), in_time))
        .layer(from_fn_with_state(app.clone(), count))
        .layer(from_fn(host::require))
        .layer(from_fn_with_state(app.clone(), safety::protect))
        .layer(from_fn_with_state(app.clone(), observe::observe))
        .with_state(app)
}

/// What takes more than a few words, and only of who is signed in.
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

/// Counts a request against its network's limit, whoever asks.
async fn count(
    State(app): State<App>,
    Address(address): Address,
    request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    app.limits.rates.network(address.into())?;
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
    answered.map_err(|_| ApiError::timed_out())
}
