//! Checks the header `Host`, which every request of HTTP/1.1 has.

use axum::extract::Request;
use axum::http::header::HOST;
use axum::http::uri::Authority;
use axum::http::{HeaderMap, StatusCode, Version};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// Refuses a request without exactly one valid `Host` (RFC 9112, 3.2), because a proxy might interpret it in another
/// way.
pub async fn require(request: Request, next: Next) -> Response {
    if is_valid(request.version(), request.headers()) {
        next.run(request).await
    } else {
        // The same response as to a request that is not valid HTTP.
        StatusCode::BAD_REQUEST.into_response()
    }
}

fn is_valid(version: Version, headers: &HeaderMap) -> bool {
    let mut hosts = headers.get_all(HOST).iter();
    match (hosts.next(), hosts.next()) {
        (Some(host), None) => {
            let host = host.as_bytes();
            let is_authority = Authority::try_from(host).is_ok() && !host.contains(&b'@');
            host.is_empty() || is_authority
        }
        (None, _) => version < Version::HTTP_11,
        (Some(_), Some(_)) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn a_request_has_exactly_one_valid_host() {
        for (hosts, is_ok) in [
            (&["a"][..], true),
            (&["a.example:8080"], true),
            (&["[2001:db8::1]:80"], true),
            (&[""], true),
            (&[], false),
            (&["a", "b"], false),
            (&["a", "a"], false),
            (&["a b"], false),
            (&["a/b"], false),
            (&["somebody@a"], false),
        ] {
            let hosts = hosts.iter().map(|host| (HOST, HeaderValue::from_static(host)));
            let headers: HeaderMap = hosts.collect();
            assert_eq!(is_valid(Version::HTTP_11, &headers), is_ok, "{headers:?}");
        }
        assert!(is_valid(Version::HTTP_10, &HeaderMap::new()));
    }
}
