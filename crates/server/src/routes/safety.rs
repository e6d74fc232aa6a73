//! Adds the security headers to every response, and creates those of pages.

use crate::app::App;
use crate::bare_response::SECURITY_HEADERS;
use axum::extract::{Request, State};
use axum::http::header::{self, HeaderValue};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use data_encoding::BASE64;
use parlour_protocol::APP_SCHEME;
use sha2::{Digest, Sha256};

/// HSTS for a year. Sent only if the server has a certificate that browsers accept, or if a trusted proxy reports
/// that the request came over TLS.
const OVER_TLS: HeaderValue = HeaderValue::from_static("max-age=31536000");

/// Adds the security headers to every response.
pub async fn protect(State(app): State<App>, request: Request, next: Next) -> Response {
    let is_over_tls = app.is_trusted_by_browsers || app.proxies.is_over_tls(request.headers());
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in &SECURITY_HEADERS {
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
        Self::with_policy(&format!("'self' {APP_SCHEME}:"), "same-origin", html.into())
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
