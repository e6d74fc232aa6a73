//! What a request is refused with. Internal detail goes to the log once, never to the body.

use crate::db::DbError;
use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use parlour_protocol::{ErrorBody, ErrorCode};
use std::collections::BTreeMap;
use std::io::ErrorKind;
use utoipa::IntoResponses;
use utoipa::openapi::{ContentBuilder, Ref, RefOr, ResponseBuilder};

/// A refusal: a code for programs and a sentence for people.
#[derive(Debug, Clone)]
pub struct ApiError {
    /// For programs.
    pub code: ErrorCode,
    /// For people.
    pub message: String,
    retry_after_ms: Option<i64>,
}

impl From<ApiError> for ErrorBody {
    /// The envelope of a refusal, as it goes over the wire.
    fn from(error: ApiError) -> Self {
        Self { code: error.code, message: error.message, retry_after_ms: error.retry_after_ms }
    }
}

impl From<ErrorBody> for ApiError {
    /// What an op, or a text, is refused with on both ends.
    fn from(body: ErrorBody) -> Self {
        Self { code: body.code, message: body.message, retry_after_ms: body.retry_after_ms }
    }
}

impl ApiError {
    /// A refusal with a code and a sentence.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), retry_after_ms: None }
    }

    /// The request does not make sense.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::Invalid, message)
    }

    /// There is no such thing, or it is not the caller's to know.
    pub fn gone(what: &str) -> Self {
        Self::new(ErrorCode::Gone, format!("There is no such {what}."))
    }

    /// The address knows other methods.
    pub fn method() -> Self {
        Self::new(ErrorCode::Method, "This address does not take this method.")
    }

    /// Not a member of the conversation.
    pub fn not_member() -> Self {
        Self::new(ErrorCode::NotMember, "You are not a member of this conversation.")
    }

    /// Not allowed.
    pub fn forbidden(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::Forbidden, message)
    }

    /// The token is unknown or has expired.
    pub fn token() -> Self {
        Self::new(ErrorCode::Token, "This session has ended. Sign in again.")
    }

    /// Somebody ended the session, and wants its device to delete what it holds, or not.
    pub fn revoked(wipe: bool) -> Self {
        Self::new(revoked_code(wipe), "This device was signed out.")
    }

    /// Asked too often; come back when it says.
    pub fn rate(wait: std::time::Duration) -> Self {
        let ms = i64::try_from(wait.as_millis()).unwrap_or(i64::MAX).max(1);
        let message = "Too many requests. Wait a moment, then go on.";
        Self { retry_after_ms: Some(ms), ..Self::new(ErrorCode::Rate, message) }
    }

    /// Too much waits; come back in a second.
    pub fn overloaded() -> Self {
        let message = "The server has too much to do. Try again.";
        Self { retry_after_ms: Some(1000), ..Self::new(ErrorCode::Overloaded, message) }
    }

    /// The request did not come, or was not answered, in time; come back in a second.
    pub fn late() -> Self {
        let message = "The request took too long. Try again.";
        Self { retry_after_ms: Some(1000), ..Self::new(ErrorCode::Retry, message) }
    }

    /// Nothing was stored; come back in a second.
    pub fn retry() -> Self {
        let message = "The server could not store this. Try again.";
        Self { retry_after_ms: Some(1000), ..Self::new(ErrorCode::Retry, message) }
    }
}

/// What is said to a device whose session somebody ended.
pub fn revoked_code(wipe: bool) -> ErrorCode {
    if wipe { ErrorCode::Wipe } else { ErrorCode::Revoked }
}

impl From<DbError> for ApiError {
    fn from(error: DbError) -> Self {
        let cause = error.cause();
        tracing::error!(%error, cause, "the database failed");
        Self::new(ErrorCode::Internal, "The server failed. Its log says why.")
    }
}

/// Whether a body was no HTTP, rather than late or cut off.
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

impl From<JsonRejection> for ApiError {
    fn from(rejection: JsonRejection) -> Self {
        match rejection {
            _ if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE => {
                Self::new(ErrorCode::TooLarge, "The request is too large.")
            }
            JsonRejection::BytesRejection(error) if is_damaged(&error) => Self::invalid(
                "The request's body is damaged: its parts do not say how long they are.",
            ),
            // The connection's fault, and nothing that is wrong with the request.
            JsonRejection::BytesRejection(_) => Self::late(),
            _ => Self::invalid(rejection.body_text()),
        }
    }
}

impl From<axum::extract::rejection::QueryRejection> for ApiError {
    fn from(rejection: axum::extract::rejection::QueryRejection) -> Self {
        Self::invalid(rejection.body_text())
    }
}

impl From<axum::extract::rejection::PathRejection> for ApiError {
    fn from(rejection: axum::extract::rejection::PathRejection) -> Self {
        Self::invalid(rejection.body_text())
    }
}

impl IntoResponses for ApiError {
    /// Every status that a refusal can have, at every address.
    fn responses() -> BTreeMap<String, RefOr<utoipa::openapi::Response>> {
        let schema = Ref::from_schema_name("ErrorBody");
        let content = ContentBuilder::new().schema(Some(schema)).build();
        let refusal = |status: u16| {
            let reason = StatusCode::from_u16(status).ok().and_then(|it| it.canonical_reason());
            let response = ResponseBuilder::new()
                .description(reason.unwrap_or_default())
                .content("application/json", content.clone());
            (status.to_string(), response.build().into())
        };
        [401, 403, 404, 409, 410, 413, 422, 426, 429, 500, 503].map(refusal).into()
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.code.status()).expect("a status of our own table");
        let retry =
            self.retry_after_ms.map(|ms| [(header::RETRY_AFTER, ((ms + 999) / 1000).to_string())]);
        let body = ErrorBody {
            code: self.code,
            message: self.message,
            retry_after_ms: self.retry_after_ms,
        };
        (status, retry.map_or_else(Default::default, header_map), Json(body)).into_response()
    }
}

fn header_map(pairs: [(header::HeaderName, String); 1]) -> axum::http::HeaderMap {
    let ascii = |text: String| text.parse().expect("digits are a header's value");
    pairs.into_iter().map(|(name, value)| (name, ascii(value))).collect()
}
