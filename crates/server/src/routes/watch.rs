//! Routes for monitoring: liveness, readiness, and metrics.

use super::extract::Json;
use crate::app::App;
use crate::error::ApiError;
use crate::health::Unready;
use crate::lock::lock;
use crate::metrics::{AccessDecision, CONTENT_TYPE, Measurements, free_bytes, text};
use crate::queries::{sessions, users};
use crate::tls;
use axum::extract::{ConnectInfo, State};
use axum::http::header;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use parlour_protocol::{ErrorBody, ErrorCode};
use serde::Serialize;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::time::timeout;
use utoipa::ToSchema;

/// How long the queries for metrics may take.
const TIMEOUT: Duration = Duration::from_secs(5);

/// Whether the server is ready.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Readiness {
    /// `ready`, or `not_ready`.
    code: &'static str,
    /// The reason if it is not.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<Unready>,
}

/// Returns 200 while the process is alive, whatever the state of its database.
#[utoipa::path(
    get,
    path = "/healthz",
    tag = "server",
    responses((status = 200, description = "It is", body = String, content_type = "text/plain"), ApiError),
)]
pub async fn alive() -> &'static str {
    "alive\n"
}

/// Returns whether the server is ready: its database responds and has the expected schema, and the other servers on
/// it are reachable.
#[utoipa::path(
    get,
    path = "/readyz",
    tag = "server",
    responses(
        (status = 200, description = "It can", body = Readiness),
        (status = 503, description = "It cannot, for this reason", body = Readiness),
        (status = 429, description = "Too Many Requests", body = ErrorBody),
    ),
)]
pub async fn ready(State(app): State<App>) -> Response {
    let reason = unready(&app).await;
    let (status, code) = match reason {
        None => (StatusCode::OK, "ready"),
        Some(_) => (StatusCode::SERVICE_UNAVAILABLE, "not_ready"),
    };
    (status, Json(Readiness { code, reason })).into_response()
}

/// Returns the metrics in the text format of Prometheus, to clients that the setting `metrics` allows.
#[utoipa::path(
    get,
    path = "/metrics",
    tag = "server",
    responses(
        (status = 200, description = "The metrics", body = String, content_type = "application/openmetrics-text"),
        ApiError,
    ),
)]
pub async fn metrics(
    State(app): State<App>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    match app.runtime.metrics.decide(peer.ip(), &headers) {
        AccessDecision::Yes => {}
        AccessDecision::NoToken => {
            return Err(ApiError::new(
                ErrorCode::InvalidToken,
                "The metrics are read with their own token.",
            ));
        }
        AccessDecision::No => return Err(ApiError::not_found("address")),
    }
    let measured = measure(&app).await;
    let text = text(&app.runtime.metrics, &app.db.timings(), &measured);
    Ok(([(header::CONTENT_TYPE, CONTENT_TYPE)], text).into_response())
}

/// Returns why the server is not ready; `None` if it is.
pub(super) async fn unready(app: &App) -> Option<Unready> {
    if app.runtime.shutdown.stopping.is_cancelled() {
        return Some(Unready::Ending);
    }
    app.runtime.health.unready(&app.db, &app.hub).await
}

async fn measure(app: &App) -> Measurements {
    let folder = app.runtime.folder.as_deref();
    let (mode, backups) = (lock(&app.runtime.about).tls.clone(), app.backups.status());
    let mut measured = Measurements {
        sockets: app.hub.sockets(),
        delivered: app.hub.delivered(),
        waiting: app.db.waiting(),
        is_ready: unready(app).await.is_none(),
        uptime: app.runtime.started_at.elapsed().as_secs_f64(),
        log_bytes: app.db.log_bytes(),
        free_bytes: folder.and_then(free_bytes),
        certificate_seconds: tls::seconds_left(&mode),
        last_backup: backups.last.map(|last| last.at),
        failed_backup: backups.failed.map(|failed| failed.at),
        ..Measurements::default()
    };
    // If the database does not respond in time, its metrics are missing.
    let _ = timeout(TIMEOUT, count(app, &mut measured)).await;
    measured
}

async fn count(app: &App, measured: &mut Measurements) {
    measured.database_bytes = app.db.size().await.ok().map(|(_, bytes)| bytes);
    let Ok(tx) = app.db.read().await else { return };
    measured.sessions = sessions::count(&tx, app.now()).await.ok();
    measured.people = users::count(&tx).await.ok();
}
