//! The record of who came in and what was done to accounts. For administrators.

use super::extract::{Administrator, Json, Query};
use crate::app::App;
use crate::error::ApiError;
use crate::queries::audit;
use axum::extract::State;
use parlour_protocol::AuditEntry;
use serde::Deserialize;
use utoipa::IntoParams;

/// Most on a page.
const LISTED: i64 = 500;

/// Where the record goes on.
#[derive(Deserialize, IntoParams)]
pub struct AuditQuery {
    /// The number of the last one of the page before; left out, it begins with the newest.
    #[param(required = false)]
    pub before: Option<i64>,
}

/// Who came in, and what was done to accounts, newest first. A page with 500 of them goes on with
/// `before`, the number of its last.
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
    Administrator(by): Administrator,
    Query(AuditQuery { before }): Query<AuditQuery>,
) -> Result<Json<Vec<AuditEntry>>, ApiError> {
    app.sign_in.failures.write(&app.db, app.now()).await?;
    let tx = app.db.read().await?;
    by.require_administrator(&tx, app.now()).await?;
    Ok(Json(audit::before(&tx, before.unwrap_or(i64::MAX), LISTED).await?))
}
