//! Gives each request an id for the log, and counts it.

use crate::app::App;
use crate::metrics::RequestOutcome;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use std::time::Instant;
use tracing::Instrument;

/// The header of the response with the id of the request.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Gives the request an id, which is in each of its lines in the log and in its response, and counts it. The log
/// contains the template of the route, never the URL, which may contain a secret.
pub async fn observe(State(app): State<App>, request: Request, next: Next) -> Response {
    let id = crate::db::random_name();
    // At the level of errors, so that the id is in the log at every level.
    let span = tracing::error_span!("request", %id);
    let route = request.extensions().get::<MatchedPath>().cloned();
    let (method, began) = (request.method().clone(), Instant::now());
    let mut response = next.run(request).instrument(span.clone()).await;
    let (route, took) = (route.as_ref().map(MatchedPath::as_str), began.elapsed());
    let outcome = RequestOutcome::new(&method, route, response.status());
    let _in_span = span.enter();
    tracing::debug!(
        method = outcome.method(),
        route = outcome.route(),
        status = response.status().as_u16(),
        ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
        "answered"
    );
    app.runtime.metrics.count(&outcome, took);
    if let Ok(id) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    response
}
