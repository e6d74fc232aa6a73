//! Routes for administrators: the state of the server, and its settings that they change.

use super::extract::{Administrator, Json};
use super::watch::unready;
use crate::admin::server::{self, StoredSettings};
use crate::app::App;
use crate::backup::BackupStatus;
use crate::control::{CertificateStatus, Status, run_quick_checks};
use crate::doctor::{Check, Finding, State as FindingState};
use crate::error::ApiError;
use crate::health::Unready;
use crate::metrics::free_bytes;
use axum::extract::State;
use parlour_protocol::{
    Count, HealthCheck, HealthFinding, HealthState, Millis, ServerAbout, ServerBackups,
    ServerCertificate, ServerChange, ServerState, UnreadyBecause,
};
use std::time::SystemTime;

/// Returns the state of the server that receives the request: how long it has run, how much it stores, its
/// certificate, its backups, and the results of health checks.
#[utoipa::path(
    get,
    path = "/v1/administration/server",
    tag = "server",
    responses((status = 200, body = ServerState), ApiError),
    security(("token" = [])),
)]
pub async fn server(
    State(app): State<App>,
    Administrator(actor): Administrator,
) -> Result<Json<ServerState>, ApiError> {
    let (tx, now) = (app.db.read().await?, app.now());
    actor.require_administrator(&tx, now).await?;
    let welcome = StoredSettings::read(&tx).await?.welcome;
    drop(tx);
    let status = Status::new(&app).await?;
    let (unready, findings) = (unready(&app).await, run_quick_checks(&app).await?);
    let uptime = status.uptime_ms.unwrap_or_default();
    Ok(Json(ServerState {
        name: status.name,
        said_name: server::configured(&app).name,
        welcome,
        public_url: status.public_url,
        registration: status.registration.unwrap_or_else(|| app.sign_in.registration()),
        presence: app.hub.has_presence(),
        version: status.version,
        since: Millis(now.0.saturating_sub(i64::try_from(uptime).unwrap_or(i64::MAX))),
        people: Count(status.people.unwrap_or_default()),
        sessions: Count(status.sessions.unwrap_or_default()),
        sockets: count(status.sockets.unwrap_or_default() as u64),
        database: status.database.kind,
        database_bytes: count(status.database.bytes),
        disk_free: app.runtime.folder.as_deref().and_then(free_bytes).map(count),
        clock_behind: clock_behind(&app),
        unready: unready.map(unready_because),
        health: health(unready, &findings, status.certificate.as_ref()),
        certificate: status.certificate.map(certificate),
        backups: backups(&status.backups),
    }))
}

/// Changes the server's name, its welcome text, who may register, or whether it has presence and statuses, for every
/// server on the database. The new values override the operator's settings. Omitted properties stay unchanged.
#[utoipa::path(
    patch,
    path = "/v1/administration/server",
    tag = "server",
    request_body = ServerChange,
    responses((status = 200, body = ServerAbout), ApiError),
    security(("token" = [])),
)]
pub async fn change_server(
    State(app): State<App>,
    Administrator(actor): Administrator,
    Json(change): Json<ServerChange>,
) -> Result<Json<ServerAbout>, ApiError> {
    Ok(Json(server::change(&app, actor, change).await?))
}

fn certificate(status: CertificateStatus) -> ServerCertificate {
    let CertificateStatus { kind, expires_at, retry_at, .. } = status;
    ServerCertificate { kind, expires_at, retry_at }
}

fn backups(status: &BackupStatus) -> ServerBackups {
    ServerBackups {
        planned: status.folder.is_some(),
        last_at: status.last.as_ref().map(|last| last.at),
        last_bytes: status.last.as_ref().map(|last| count(last.bytes)),
        failed_at: status.failed.as_ref().map(|failed| failed.at),
    }
}

fn clock_behind(app: &App) -> Count {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let system = i64::try_from(since.as_millis()).unwrap_or(i64::MAX);
    Count(app.runtime.clock.newest_and_stored().0.saturating_sub(system).max(0))
}

fn unready_because(unready: Unready) -> UnreadyBecause {
    match unready {
        Unready::Ending => UnreadyBecause::Ending,
        Unready::Database => UnreadyBecause::Database,
        Unready::Schema => UnreadyBecause::Schema,
        Unready::Bus => UnreadyBecause::Bus,
    }
}

fn health(
    unready: Option<Unready>,
    findings: &[Finding],
    certificate: Option<&CertificateStatus>,
) -> Vec<HealthFinding> {
    let state = if unready.is_some() { HealthState::Error } else { HealthState::Ok };
    let database = HealthFinding { check: HealthCheck::Database, state };
    let is_late = certificate.is_some_and(|status| status.retry_at.is_some());
    let others = findings.iter().filter_map(|finding| {
        let check = public_check(finding.check)?;
        let state = match finding.state {
            // The certificate is valid, but its renewal is overdue.
            FindingState::Ok if is_late && check == HealthCheck::Certificate => {
                HealthState::Warning
            }
            FindingState::Ok => HealthState::Ok,
            FindingState::Warning => HealthState::Warning,
            FindingState::Error => HealthState::Error,
        };
        Some(HealthFinding { check, state })
    });
    [database].into_iter().chain(others).collect()
}

/// Returns the check as clients see it; `None` if they do not.
fn public_check(check: Check) -> Option<HealthCheck> {
    match check {
        Check::Disk => Some(HealthCheck::Disk),
        Check::Certificate => Some(HealthCheck::Certificate),
        Check::Backup => Some(HealthCheck::Backup),
        Check::Clock => Some(HealthCheck::Clock),
        Check::Settings
        | Check::Server
        | Check::Folder
        | Check::Permissions
        | Check::Integrity
        | Check::Schema
        | Check::History
        | Check::Files
        | Check::Metrics
        | Check::Address => None,
    }
}

fn count(number: u64) -> Count {
    Count(i64::try_from(number).unwrap_or(i64::MAX))
}
