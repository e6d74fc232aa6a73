//! Responses that may be large. They are read and serialized outside the async threads, a few at a time for each
//! account, and counted against its share of the memory until the client has received them.

use crate::app::App;
use crate::db::Tx;
use crate::error::ApiError;
use crate::limits::ResponsePermit;
use axum::http::HeaderValue;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use futures_util::future::BoxFuture;
use parlour_protocol::UserId;
use serde::Serialize;

/// A response that is already JSON.
pub struct LargeResponse {
    json: Vec<u8>,
    permit: Option<ResponsePermit>,
}

/// Reads a response to `caller` that may be large from one snapshot; see [`crate::db::Db::work`].
///
/// # Errors
/// Fails if `body` does, or with a request to retry if the caller requests too much at the same time, or the
/// memory for large responses is used up.
pub async fn respond<T: Serialize + Send + 'static>(
    app: &App,
    caller: UserId,
    body: impl for<'t> FnOnce(&'t Tx) -> BoxFuture<'t, Result<T, ApiError>> + Send + 'static,
) -> Result<LargeResponse, ApiError> {
    let work_permit = app.limits.in_flight.admit_long_read(caller).await?;
    let json = app.db.work(move |tx| {
        let response = body(tx);
        Box::pin(async move { response.await.and_then(|body| write(&body)) })
    });
    let json = json.await??;
    drop(work_permit);
    let permit = app.limits.in_flight.reserve(caller, json.len())?;
    Ok(LargeResponse { json, permit })
}

fn write(body: &impl Serialize) -> Result<Vec<u8>, ApiError> {
    serde_json::to_vec(body).map_err(|error| {
        tracing::error!(%error, "cannot serialize a response");
        ApiError::internal()
    })
}

impl IntoResponse for LargeResponse {
    fn into_response(self) -> Response {
        let json = HeaderValue::from_static("application/json");
        let mut response = ([(CONTENT_TYPE, json)], self.json).into_response();
        if let Some(permit) = self.permit {
            // The connection holds the permit until the client has received the last byte.
            response.extensions_mut().insert(permit);
        }
        response
    }
}
