//! Security headers of every response: a browser must load nothing, not show it in a frame, and store nothing.

use crate::app::App;
use axum::extract::{Request, State};
use axum::http::header::{self, HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use data_encoding::BASE64;
use sha2::{Digest, Sha256};

/// The headers of every response, unless the route sets its own.
const HEADERS: [(HeaderName, HeaderValue); 8] = [
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
/// HSTS for a year. Sent only if the server has a certificate that browsers accept, or if a trusted proxy reports
/// that the request came over TLS.
const OVER_TLS: HeaderValue = HeaderValue::from_static("max-age=31536000");

/// Adds the security headers to every response.
pub async fn protect(State(app): State<App>, request: Request, next: Next) -> Response {
    let is_over_tls = app.is_trusted_by_browsers || app.proxies.is_over_tls(request.headers());
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in &HEADERS {
        headers.entry(name).or_insert_with(|| value.clone());
    }
    if is_over_tls {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, OVER_TLS);
    }
    response
}

/// An HTML page, which may use its own style and nothing else.
#[derive(Clone)]
pub struct Page {
    html: Bytes,
    policy: HeaderValue,
    referrer: HeaderValue,
}

impl Page {
    /// Creates a page with one `<style>` and no script.
    pub fn new(html: impl Into<String>) -> Self {
        Self::with_policy("'none'", "no-referrer", html.into())
    }

    /// Creates a page like [`Self::new`], with a button that leads to the app: its form may be sent to this server,
    /// which redirects it to the app, and its requests contain the referrer.
    pub fn with_button(html: impl Into<String>) -> Self {
        Self::with_policy("'self' parlour:", "same-origin", html.into())
    }

    fn with_policy(forms: &str, referrer: &'static str, html: String) -> Self {
        let style = html.split_once("<style>").and_then(|(_, rest)| rest.split_once("</style>"));
        let style = style.map_or("", |(style, _)| style);
        let policy = format!(
            "default-src 'none'; style-src 'sha256-{}'; base-uri 'none'; form-action {forms}; \
             frame-ancestors 'none'",
            BASE64.encode(&Sha256::digest(style))
        );
        let policy = policy.parse().expect("a policy is plain ASCII");
        Self { html: html.into(), policy, referrer: HeaderValue::from_static(referrer) }
    }
}

impl IntoResponse for Page {
    fn into_response(self) -> Response {
        let html = HeaderValue::from_static("text/html; charset=utf-8");
        let headers = [
            (header::CONTENT_TYPE, html),
            (header::CONTENT_SECURITY_POLICY, self.policy),
            (header::REFERRER_POLICY, self.referrer),
        ];
        (headers, self.html).into_response()
    }
}
