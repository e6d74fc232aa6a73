//! Public information about the server.

use super::extract::Json;
use crate::admin::server;
use crate::app::App;
use crate::error::ApiError;
use axum::extract::State;
use parlour_protocol::{PRODUCT, Registration, ServerInfo};

/// Returns that this is a Parlour server, its version, and who may register.
#[utoipa::path(
    get,
    path = "/v1/server",
    tag = "server",
    responses((status = 200, body = ServerInfo), ApiError),
)]
pub async fn info(State(app): State<App>) -> Json<ServerInfo> {
    Json(ServerInfo {
        product: PRODUCT.into(),
        version: env!("CARGO_PKG_VERSION").into(),
        registration: registration(&app).await,
    })
}

/// Returns who may register, according to the operator's settings if the database does not respond. It is checked
/// again when somebody registers.
async fn registration(app: &App) -> Registration {
    let configured = app.sign_in.registration();
    match app.db.read().await {
        Ok(tx) => server::registration(&tx, configured).await.unwrap_or(configured),
        Err(_) => configured,
    }
}
