//! Responses that may be large: written on the thread that reads them, and counted until they are taken.

use crate::app::App;
use crate::db::Tx;
use crate::error::ApiError;
use crate::limits::ResponsePermit;
use axum::http::HeaderValue;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use futures_util::future::BoxFuture;
use serde::Serialize;

/// A response that is JSON already.
pub struct Written {
    json: Vec<u8>,
    permit: Option<ResponsePermit>,
}

/// Answers from one snapshot what may be large; see [`crate::db::Db::work`].
///
/// # Errors
/// The body's own, and "try again" where large responses take all the memory that they may.
pub async fn respond<T: Serialize + Send + 'static>(
    app: &App,
    body: impl for<'t> FnOnce(&'t Tx) -> BoxFuture<'t, Result<T, ApiError>> + Send + 'static,
) -> Result<Written, ApiError> {
    let worked = app.db.work(move |tx| {
        let answering = body(tx);
        Box::pin(async move { answering.await.and_then(|answer| write(&answer)) })
    });
    let json = worked.await??;
    let permit = app.limits.in_flight.reserve(json.len())?;
    Ok(Written { json, permit })
}

fn write(answer: &impl Serialize) -> Result<Vec<u8>, ApiError> {
    serde_json::to_vec(answer).map_err(|error| {
        tracing::error!(%error, "an answer cannot be written");
        ApiError::internal()
    })
}

impl IntoResponse for Written {
    fn into_response(self) -> Response {
        let json = HeaderValue::from_static("application/json");
        let mut response = ([(CONTENT_TYPE, json)], self.json).into_response();
        if let Some(permit) = self.permit {
            // Its connection holds it until the last byte is taken.
            response.extensions_mut().insert(permit);
        }
        response
    }
}
