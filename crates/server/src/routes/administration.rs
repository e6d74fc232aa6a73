//! How the server is, for its administrators.

use super::extract::{Administrator, Json};
use crate::app::App;
use crate::backup::BackupStatus;
use crate::control::{CertificateStatus, Status};
use crate::error::ApiError;
use axum::extract::State;
use parlour_protocol::{Count, Millis, ServerBackups, ServerCertificate, ServerState};

/// Returns how the server that answers is: since when it runs, how much it keeps, its certificate and its backups.
#[utoipa::path(
    get,
    path = "/v1/administration/server",
    tag = "server",
    responses((status = 200, body = ServerState), ApiError),
    security(("token" = [])),
)]
pub async fn server(
    State(app): State<App>,
    Administrator(by): Administrator,
) -> Result<Json<ServerState>, ApiError> {
    let (tx, now) = (app.db.read().await?, app.now());
    by.require_administrator(&tx, now).await?;
    drop(tx);
    let status = Status::of(&app).await?;
    let uptime = status.uptime_ms.unwrap_or_default();
    Ok(Json(ServerState {
        name: status.name,
        public_url: status.public_url,
        registration: app.sign_in.registration(),
        version: status.version,
        since: Millis(now.0.saturating_sub(i64::try_from(uptime).unwrap_or(i64::MAX))),
        people: Count(status.people.unwrap_or_default()),
        sessions: Count(status.sessions.unwrap_or_default()),
        sockets: count(status.sockets.unwrap_or_default() as u64),
        database: status.database.kind,
        database_bytes: count(status.database.bytes),
        certificate: status.certificate.map(certificate),
        backups: backups(&status.backups),
    }))
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

fn count(many: u64) -> Count {
    Count(i64::try_from(many).unwrap_or(i64::MAX))
}
