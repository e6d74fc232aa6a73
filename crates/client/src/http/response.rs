//! Reads responses. Only the server's own JSON envelope counts as its refusal: a proxy's page, a reset
//! connection and a timeout count as no response.

use crate::address;
use crate::pinned::{KeyMismatch, ProxyNotTrusted};
use parlour_protocol::{ErrorBody, ErrorCode, LocalReason};
use reqwest::StatusCode;
use rustls::CertificateError;

/// Maximum length of a shown cause of a failure, in characters.
const CAUSE_CHARS: usize = 200;

pub(crate) use crate::step::server::ServerResult;

/// A response, from the server or from a proxy in front of it.
pub(super) struct RawResponse {
    pub status: StatusCode,
    /// The target of a redirect.
    pub location: Option<String>,
    pub bytes: Vec<u8>,
}

/// Returns the server's refusal, if the body is its JSON envelope and the status is that of its code.
pub(crate) fn envelope(status: u16, bytes: &[u8]) -> Option<ErrorBody> {
    let body: ErrorBody = serde_json::from_slice(bytes).ok()?;
    (body.code == ErrorCode::Unknown || body.code.status() == status).then_some(body)
}

/// Returns the error for a redirect, if the response is one. Redirects are not followed: a request with a
/// token goes only to the address that the user entered.
pub(super) fn redirect_error(server: &str, response: &RawResponse) -> Option<ErrorBody> {
    let location = response.location.as_ref()?;
    let Ok(to) = address::target(server, location) else {
        return Some(invalid_redirect(server, location));
    };
    Some(LocalReason::ServerRedirects { host: host(server).into(), to }.into())
}

/// Returns the error for a redirect to something that is not a server's address.
pub(super) fn invalid_redirect(server: &str, location: &str) -> ErrorBody {
    // The query and the fragment may contain a secret.
    let location = location.split(['?', '#']).next().unwrap_or_default();
    let to = location.chars().filter(|c| !c.is_control()).take(100).collect();
    LocalReason::InvalidRedirect { host: host(server).into(), to }.into()
}

/// Returns the error for a request that failed.
pub(crate) fn no_response(server: &str, error: &reqwest::Error) -> ErrorBody {
    tracing::debug!(?error, "no response");
    let host = host(server).into();
    if let Some(error) = certificate_error(error) {
        return not_trusted(host, error).into();
    }
    match cause(error) {
        _ if error.is_timeout() => LocalReason::NoAnswerInTime { host },
        Some(cause) => LocalReason::NoAnswer { host, cause },
        None => LocalReason::ConnectionFailed { host },
    }
    .into()
}

/// Returns what is wrong with the certificate, if the request failed because of it.
fn certificate_error(error: &reqwest::Error) -> Option<&CertificateError> {
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        if let Some(rustls::Error::InvalidCertificate(error)) = error.downcast_ref() {
            return Some(error);
        }
        // The source of an `io::Error` that wraps an error is that error's own source, so the wrapped
        // error itself is used.
        let wrapped = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        cause = match wrapped {
            Some(wrapped) => Some(wrapped),
            None => error.source(),
        };
    }
    None
}

/// Returns why a server's certificate is not trusted.
fn not_trusted(host: String, error: &CertificateError) -> LocalReason {
    match error {
        CertificateError::Other(other) if other.0.is::<KeyMismatch>() => {
            LocalReason::KeyChanged { host }
        }
        CertificateError::Other(other) if other.0.is::<ProxyNotTrusted>() => {
            let proxy = other.0.downcast_ref::<ProxyNotTrusted>();
            let proxy = proxy.map(|error| error.0.clone()).unwrap_or_default();
            LocalReason::ProxyNotTrusted { host, proxy }
        }
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            LocalReason::CertificateExpired { host }
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            LocalReason::CertificateNotYetValid { host }
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            LocalReason::CertificateForAnotherName { host }
        }
        CertificateError::UnknownIssuer => LocalReason::CertificateUnknownIssuer { host },
        _ => LocalReason::CertificateInvalid { host },
    }
}

/// Returns the error for a connection that broke before the response.
pub(super) fn connection_lost(server: &str) -> ErrorBody {
    LocalReason::ConnectionLost { host: host(server).into() }.into()
}

/// Returns the error for a response that is too large.
pub(super) fn too_large(server: &str) -> ErrorBody {
    LocalReason::AnswerTooLarge { host: host(server).into() }.into()
}

/// Returns the error for a response of something that is not a Parlour server.
pub(super) fn not_a_server(server: &str) -> ErrorBody {
    LocalReason::NotAServer { host: host(server).into() }.into()
}

/// Returns a server's address without its scheme.
pub(super) fn host(server: &str) -> &str {
    server.split_once("://").map_or(server, |(_, host)| host)
}

/// Returns the error for a network that passes requests but no WebSocket.
pub(crate) fn no_websocket() -> ErrorBody {
    ErrorBody::new(ErrorCode::NoWebsocket, "a proxy before the server blocks WebSockets")
}

/// Returns the innermost cause of a failure, in the words of the operating system or the library.
fn cause(error: &reqwest::Error) -> Option<String> {
    let mut cause = std::error::Error::source(error)?;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    Some(cause.to_string().chars().filter(|c| !c.is_control()).take(CAUSE_CHARS).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_servers_own_envelope_counts_as_its_refusal() {
        let refusal = br#"{"code":"too_large","message":"no"}"#;
        assert_eq!(envelope(413, refusal).map(|body| body.code), Some(ErrorCode::TooLarge));
        // A proxy's page, and a proxy that echoes.
        assert_eq!(envelope(403, b"<html>blocked</html>"), None);
        assert_eq!(envelope(502, refusal), None);
    }
}
