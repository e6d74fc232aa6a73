//! Everything that a user does in conversations.

use super::Json;
use crate::app::App;
use crate::auth::Caller;
use crate::error::ApiError;
use axum::extract::State;
use parlour_protocol::{Op, OpDone};

/// `POST /v1/ops`: does it once, however often it is sent.
#[utoipa::path(
    post,
    path = "/v1/ops",
    tag = "sync",
    request_body = Op,
    responses((status = 200, body = OpDone), ApiError),
    security(("token" = [])),
)]
pub async fn apply(
    State(app): State<App>,
    caller: Caller,
    Json(op): Json<Op>,
) -> Result<Json<OpDone>, ApiError> {
    let now = app.now();
    app.write(move |tx| {
        Box::pin(async move { crate::ops::apply(tx, caller.user_id, &op, now).await })
    })
    .await
    .map(Json)
}
