//! The security headers of every response (a browser must load nothing, not show it in a frame, and store nothing), and
//! responses that are written before a request was read.

use crate::error::{ApiError, retry_after_seconds};
use axum::http::StatusCode;
use axum::http::header::{self, HeaderName, HeaderValue};
use parlour_protocol::ErrorBody;
use std::fmt::Write;

/// The headers of every response, unless the route sets its own.
pub const SECURITY_HEADERS: [(HeaderName, HeaderValue); 8] = [
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    (
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(
            "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        ),
    ),
    (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (
        HeaderName::from_static("permissions-policy"),
        HeaderValue::from_static("camera=(), display-capture=(), geolocation=(), microphone=()"),
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        HeaderValue::from_static("same-origin"),
    ),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        HeaderValue::from_static("same-origin"),
    ),
];

/// Returns an error as a complete HTTP response, for a connection from which no request is read.
pub fn bare_response(status: StatusCode, error: ApiError) -> Vec<u8> {
    let body = ErrorBody::from(error);
    let json = serde_json::to_string(&body).expect("an error is plain data");
    let mut response = format!("HTTP/1.1 {status}\r\ncontent-type: application/json\r\n");
    if let Some(seconds) = retry_after_seconds(&body) {
        let _ = write!(response, "retry-after: {seconds}\r\n");
    }
    for (name, value) in &SECURITY_HEADERS {
        let _ = write!(response, "{name}: {}\r\n", value.to_str().expect("plain ASCII"));
    }
    let _ = write!(response, "content-length: {}\r\nconnection: close\r\n\r\n{json}", json.len());
    response.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn a_bare_response_has_the_security_headers_and_the_error() {
        let response = bare_response(StatusCode::SERVICE_UNAVAILABLE, ApiError::overloaded());
        let response = String::from_utf8(response).unwrap();
        let (head, body) = response.split_once("\r\n\r\n").unwrap();
        let mut lines = head.lines();
        assert_eq!(lines.next(), Some("HTTP/1.1 503 Service Unavailable"));
        let headers: BTreeMap<&str, &str> =
            lines.map(|line| line.split_once(": ").unwrap()).collect();
        for (name, value) in &SECURITY_HEADERS {
            assert_eq!(headers[name.as_str()], value.to_str().unwrap());
        }
        assert_eq!((headers["retry-after"], headers["connection"]), ("1", "close"));
        assert_eq!(headers["content-length"], body.len().to_string());
        let body: ErrorBody = serde_json::from_str(body).unwrap();
        assert_eq!(body, ApiError::overloaded().into());
    }
}
