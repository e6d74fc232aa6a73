//! How a request was answered, as it is counted.

use axum::http::{Method, StatusCode};
use prometheus_client::encoding::EncodeLabelSet;

/// A request that was answered: every label is one of few.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct Answered {
    method: &'static str,
    /// The template of its route, or "other".
    route: String,
    status: u16,
}

impl Answered {
    /// Counts a request to a route by its template; to no route, with nothing.
    pub fn new(method: &Method, route: Option<&str>, status: StatusCode) -> Self {
        let route = route.unwrap_or("other").to_owned();
        Self { method: method_name(method), route, status: status.as_u16() }
    }

    /// Its method, or "other".
    pub fn method(&self) -> &'static str {
        self.method
    }

    /// The template of its route, or "other".
    pub fn route(&self) -> &str {
        &self.route
    }
}

/// Anybody can make a method of their own.
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
