//! The audit log, a record of sign-ins and of changes to accounts. For administrators.

use super::extract::{Administrator, Json, Query};
use crate::app::App;
use crate::error::ApiError;
use crate::queries::audit;
use axum::extract::State;
use parlour_protocol::AuditEntry;
use serde::Deserialize;
use utoipa::IntoParams;

/// The largest number of entries on a page.
const LIST_LIMIT: i64 = 500;

/// The cursor for listing the audit log.
#[derive(Deserialize, IntoParams)]
pub struct AuditQuery {
    /// The number of the last entry of the previous page; without it, the page starts with the newest entry.
    #[param(required = false)]
    pub before: Option<i64>,
}

/// Returns the audit log, a record of sign-ins and of changes to accounts, newest first. After a page of
/// 500 entries, request the next one with `before`, the number of its last entry.
#[utoipa::path(
    get,
    path = "/v1/audit",
    tag = "people",
    params(AuditQuery),
    responses((status = 200, body = Vec<AuditEntry>), ApiError),
    security(("token" = [])),
)]
pub async fn list(
    State(app): State<App>,
    Administrator(actor): Administrator,
    Query(AuditQuery { before }): Query<AuditQuery>,
) -> Result<Json<Vec<AuditEntry>>, ApiError> {
    app.sign_in.failures.write(&app.db, app.now()).await?;
    let tx = app.db.read().await?;
    actor.require_administrator(&tx, app.now()).await?;
    Ok(Json(audit::before(&tx, before.unwrap_or(i64::MAX), LIST_LIMIT).await?))
}
