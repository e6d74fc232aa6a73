//! Names each request, for the log, and counts it.

use crate::app::App;
use crate::metrics::RequestOutcome;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use std::time::Instant;
use tracing::Instrument;

/// The header that names the request in its answer.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Gives the request a name, which is in each of its lines in the log and in its answer, and counts it. The log
/// has its route's template, never its address, which may hold a secret.
pub async fn observe(State(app): State<App>, request: Request, next: Next) -> Response {
    let id = crate::db::random_name();
    // Also where the log has errors alone, they are named.
    let span = tracing::error_span!("request", %id);
    let route = request.extensions().get::<MatchedPath>().cloned();
    let (method, began) = (request.method().clone(), Instant::now());
    let mut response = next.run(request).instrument(span.clone()).await;
    let (route, took) = (route.as_ref().map(MatchedPath::as_str), began.elapsed());
    let answered = RequestOutcome::new(&method, route, response.status());
    let _in_span = span.enter();
    tracing::debug!(
        method = answered.method(),
        route = answered.route(),
        status = response.status().as_u16(),
        ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
        "answered"
    );
    app.run.metrics.count(&answered, took);
    if let Ok(id) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    response
}
