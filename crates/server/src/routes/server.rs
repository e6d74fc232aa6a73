//! What this server is.

use super::Json;
use parlour_protocol::ServerInfo;

/// `GET /v1/server`
pub async fn info() -> Json<ServerInfo> {
    Json(ServerInfo { product: "parlour".into(), version: env!("CARGO_PKG_VERSION").into() })
}
