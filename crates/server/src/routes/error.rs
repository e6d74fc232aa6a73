//! Errors as HTTP responses: their status and JSON body, and the conversion of axum's own rejections.

use crate::error::{ApiError, retry_after_seconds};
use axum::Json;
use axum::extract::rejection::{BytesRejection, JsonRejection, PathRejection, QueryRejection};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use parlour_protocol::{ErrorBody, ErrorCode, Refusal};
use std::collections::BTreeMap;
use std::io::ErrorKind;
use utoipa::IntoResponses;
use utoipa::openapi::{ContentBuilder, Ref, RefOr, ResponseBuilder};

/// Returns whether a body was not valid HTTP, as opposed to late or cut off.
fn is_damaged(error: &(dyn std::error::Error + 'static)) -> bool {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(error) = error.downcast_ref::<std::io::Error>() {
            return matches!(error.kind(), ErrorKind::InvalidInput | ErrorKind::InvalidData);
        }
        next = error.source();
    }
    false
}

/// Returns the error for a body that could not be read.
pub fn body_error(error: &(dyn std::error::Error + 'static)) -> ApiError {
    match is_damaged(error) {
        true => ApiError::invalid(
            "The request's body is damaged: its parts do not say how long they are.",
        ),
        // The connection failed; nothing is wrong with the request.
        false => ApiError::timed_out(),
    }
}

impl From<BytesRejection> for ApiError {
    /// Converts the rejection of a route whose body is a picture.
    fn from(rejection: BytesRejection) -> Self {
        match rejection.status() {
            StatusCode::PAYLOAD_TOO_LARGE => Refusal::PictureTooLarge.into(),
            _ => JsonRejection::BytesRejection(rejection).into(),
        }
    }
}

impl From<JsonRejection> for ApiError {
    fn from(rejection: JsonRejection) -> Self {
        match rejection {
            _ if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE => {
                Self::new(ErrorCode::TooLarge, "The request is too large.")
            }
            JsonRejection::BytesRejection(error) => body_error(&error),
            _ => Self::invalid(rejection.body_text()),
        }
    }
}

impl From<QueryRejection> for ApiError {
    fn from(rejection: QueryRejection) -> Self {
        Self::invalid(rejection.body_text())
    }
}

impl From<PathRejection> for ApiError {
    fn from(rejection: PathRejection) -> Self {
        Self::invalid(rejection.body_text())
    }
}

impl IntoResponses for ApiError {
    /// Returns every status that an error can have, for every route.
    fn responses() -> BTreeMap<String, RefOr<utoipa::openapi::Response>> {
        let schema = Ref::from_schema_name("ErrorBody");
        let content = ContentBuilder::new().schema(Some(schema)).build();
        let response = |status: u16| {
            let reason =
                StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason());
            let builder = ResponseBuilder::new()
                .description(reason.unwrap_or_default())
                .content("application/json", content.clone());
            (status.to_string(), builder.build().into())
        };
        [401, 403, 404, 409, 410, 413, 422, 426, 429, 500, 503].map(response).into()
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let status =
            StatusCode::from_u16(self.code.status()).expect("a status of the table of error codes");
        let body = ErrorBody::from(self);
        let mut headers = HeaderMap::new();
        if let Some(seconds) = retry_after_seconds(&body) {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        (status, headers, Json(body)).into_response()
    }
}
