//! What this server is.

use super::extract::Json;
use crate::app::App;
use crate::error::ApiError;
use axum::extract::State;
use parlour_protocol::ServerInfo;

/// Whether there is a Parlour server at this address, and who may register.
#[utoipa::path(
    get,
    path = "/v1/server",
    tag = "server",
    responses((status = 200, body = ServerInfo), ApiError),
)]
pub async fn info(State(app): State<App>) -> Json<ServerInfo> {
    Json(ServerInfo {
        product: "parlour".into(),
        version: env!("CARGO_PKG_VERSION").into(),
        registration: app.sign_in.registration(),
    })
}
