//! The labels of a request's metrics.

use axum::http::{Method, StatusCode};
use prometheus_client::encoding::EncodeLabelSet;

/// The labels of a request: each has only a few possible values.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct RequestOutcome {
    method: &'static str,
    /// The template of its route, or "other".
    route: String,
    status: u16,
}

impl RequestOutcome {
    /// Creates the labels of a request; `route` is the template of its route, if it matched one.
    pub fn new(method: &Method, route: Option<&str>, status: StatusCode) -> Self {
        let route = route.unwrap_or("other").to_owned();
        Self { method: method_name(method), route, status: status.as_u16() }
    }

    /// Returns the method, or "other".
    pub fn method(&self) -> &'static str {
        self.method
    }

    /// Returns the template of the route, or "other".
    pub fn route(&self) -> &str {
        &self.route
    }
}

/// Returns the name of a method, or "other" for an unknown one, because clients can invent any number.
fn method_name(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}
