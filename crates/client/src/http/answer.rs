//! What is made of an answer. Only the server's own envelope is taken as its word: a proxy's page, a reset or
//! a silence is "no answer".

use crate::address;
use crate::pinned::AnotherKey;
use parlour_protocol::{ErrorBody, ErrorCode};
use reqwest::StatusCode;
use rustls::CertificateError;

/// Characters that are shown of why nobody answered.
const CAUSE_CHARS: usize = 200;

/// What a request comes to.
pub(crate) type Answer<T> = std::result::Result<T, ErrorBody>;

/// An answer, whoever gave it: the server, or what stands before it.
pub(super) struct Answered {
    pub status: StatusCode,
    /// The target, if it is a redirect.
    pub location: Option<String>,
    pub bytes: Vec<u8>,
}

/// The server's refusal, if this is one: its envelope of JSON, with the status that belongs to its code.
pub(crate) fn envelope(status: u16, bytes: &[u8]) -> Option<ErrorBody> {
    let body: ErrorBody = serde_json::from_slice(bytes).ok()?;
    (body.code == ErrorCode::Unknown || body.code.status() == status).then_some(body)
}

/// The answer made of a redirect, if it is one: a request with a token goes nowhere but to the address that
/// its user gave.
pub(super) fn moved(server: &str, answered: &Answered) -> Option<ErrorBody> {
    let location = answered.location.as_ref()?;
    let Ok(to) = address::target(server, location) else {
        return Some(leads_nowhere(server, location));
    };
    let message = format!(
        "{} leads to {to}. Nothing was sent there, and what is here stays. If the server has moved, \
        ask whoever looks after it to let the old address go on answering.",
        host(server),
    );
    Some(ErrorBody { code: ErrorCode::Moved, message, retry_after_ms: None })
}

/// The answer made of a redirect to something that is no server's address.
pub(super) fn leads_nowhere(server: &str, location: &str) -> ErrorBody {
    // What is behind it may be somebody's secret.
    let location = location.split(['?', '#']).next().unwrap_or_default();
    let location: String = location.chars().filter(|c| !c.is_control()).take(100).collect();
    let message = format!(
        "{} leads to {location}, which is no address that Parlour connects to. Nothing was sent there.",
        host(server),
    );
    ErrorBody { code: ErrorCode::Moved, message, retry_after_ms: None }
}

/// The answer made of a request that failed.
pub(crate) fn no_answer(server: &str, error: &reqwest::Error) -> ErrorBody {
    tracing::debug!(?error, "no answer");
    match certificate_error(error) {
        Some(error) => not_trusted(server, error),
        None => offline(server, &cause(error)),
    }
}

/// What is wrong with the certificate, if that is why there was no answer.
fn certificate_error(error: &reqwest::Error) -> Option<&CertificateError> {
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        let inner = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        let tls = error.downcast_ref::<rustls::Error>();
        let tls = tls.or_else(|| inner.and_then(|inner| inner.downcast_ref::<rustls::Error>()));
        if let Some(rustls::Error::InvalidCertificate(error)) = tls {
            return Some(error);
        }
        cause = error.source();
    }
    None
}

/// That the server's certificate is not to be trusted, and what can be done. Nothing was sent.
fn not_trusted(server: &str, error: &CertificateError) -> ErrorBody {
    let host = host(server);
    let is_another_key =
        matches!(error, CertificateError::Other(other) if other.0.is::<AnotherKey>());
    if is_another_key {
        let message = format!(
            "{host} shows another key than the one by which this computer knows it. Somebody may be between, or \
            the server was set up anew. Nothing was sent, and what is here stays. Ask whoever looks after the \
            server; if it has a new key, sign out here and use a new link."
        );
        return ErrorBody { code: ErrorCode::KeyChanged, message, retry_after_ms: None };
    }
    let why = match error {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            "has expired, or this computer’s clock is wrong"
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            "is not valid yet, or this computer’s clock is wrong"
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            "is for another name"
        }
        CertificateError::UnknownIssuer => {
            "was signed by nobody whom this computer trusts. If the server made it itself, use the link of an \
            invitation or the one under “Devices”, which names its key"
        }
        _ => "is not valid",
    };
    let message = format!("The certificate of {host} {why}. Nothing was sent.");
    ErrorBody { code: ErrorCode::Certificate, message, retry_after_ms: None }
}

/// That the server did not answer, and why.
pub(super) fn offline(server: &str, cause: &str) -> ErrorBody {
    let message = format!("The server at {} did not answer: {cause}.", host(server));
    ErrorBody { code: ErrorCode::Offline, message, retry_after_ms: None }
}

/// That an answer was larger than any of ours.
pub(super) fn too_large(server: &str) -> ErrorBody {
    let message = format!("An answer of {} was too large to be read.", host(server));
    ErrorBody { code: ErrorCode::AnswerTooLarge, message, retry_after_ms: None }
}

/// That something else answered.
pub(super) fn not_a_server(server: &str) -> ErrorBody {
    let message = format!("What answers at {} is not a Parlour server.", host(server));
    ErrorBody { code: ErrorCode::NotAServer, message, retry_after_ms: None }
}

/// A server's address without its scheme.
pub(super) fn host(server: &str) -> &str {
    server.split_once("://").map_or(server, |(_, host)| host)
}

/// That requests are answered and no WebSocket passes.
pub(crate) fn no_upgrade() -> ErrorBody {
    let message = "Messages come every few seconds instead of at once: something between here and the \
        server lets no WebSocket pass. A proxy in front of the server has to pass on the headers Upgrade and \
        Connection of /v1/socket, over HTTP/1.1, and to leave the connection open."
        .into();
    ErrorBody { code: ErrorCode::NoUpgrade, message, retry_after_ms: None }
}

/// The innermost cause of a failure.
fn cause(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return "it took too long".into();
    }
    let mut cause = std::error::Error::source(error);
    while let Some(deeper) = cause.and_then(|cause| cause.source()) {
        cause = Some(deeper);
    }
    let cause = cause.map_or_else(|| "the connection failed".into(), ToString::to_string);
    cause.chars().filter(|c| !c.is_control()).take(CAUSE_CHARS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_servers_own_envelope_is_its_word() {
        let refusal = br#"{"code":"too_large","message":"no"}"#;
        assert_eq!(envelope(413, refusal).map(|body| body.code), Some(ErrorCode::TooLarge));
        // A proxy's page, and a proxy that echoes.
        assert_eq!(envelope(403, b"<html>blocked</html>"), None);
        assert_eq!(envelope(502, refusal), None);
    }
}
