//! What is made of an answer. Only the server's own envelope is taken as its word: a proxy's page, a reset or
//! a silence is "no answer".

use crate::address;
use crate::pinned::AnotherKey;
use parlour_protocol::{ErrorBody, ErrorCode, LocalReason};
use reqwest::StatusCode;
use rustls::CertificateError;

/// Characters that are shown of why nobody answered.
const CAUSE_CHARS: usize = 200;

pub(crate) use crate::step::server::Answer;

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
    Some(LocalReason::ServerLeadsElsewhere { host: host(server).into(), to }.into())
}

/// The answer made of a redirect to something that is no server's address.
pub(super) fn leads_nowhere(server: &str, location: &str) -> ErrorBody {
    // What is behind it may be somebody's secret.
    let location = location.split(['?', '#']).next().unwrap_or_default();
    let to = location.chars().filter(|c| !c.is_control()).take(100).collect();
    LocalReason::LeadsNowhere { host: host(server).into(), to }.into()
}

/// The answer made of a request that failed.
pub(crate) fn no_answer(server: &str, error: &reqwest::Error) -> ErrorBody {
    tracing::debug!(?error, "no answer");
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

/// What is wrong with the certificate, if that is why there was no answer.
fn certificate_error(error: &reqwest::Error) -> Option<&CertificateError> {
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        if let Some(rustls::Error::InvalidCertificate(error)) = error.downcast_ref() {
            return Some(error);
        }
        // An error of I/O that wraps another one has the cause of that as its source, and leaves that out.
        let wrapped = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        cause = match wrapped {
            Some(wrapped) => Some(wrapped),
            None => error.source(),
        };
    }
    None
}

/// Why a server's certificate is not to be trusted.
fn not_trusted(host: String, error: &CertificateError) -> LocalReason {
    match error {
        CertificateError::Other(other) if other.0.is::<AnotherKey>() => {
            LocalReason::KeyChanged { host }
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
        CertificateError::UnknownIssuer => LocalReason::CertificateOfNobody { host },
        _ => LocalReason::CertificateInvalid { host },
    }
}

/// That the connection broke before the answer.
pub(super) fn connection_lost(server: &str) -> ErrorBody {
    LocalReason::ConnectionLost { host: host(server).into() }.into()
}

/// That an answer was larger than any of ours.
pub(super) fn too_large(server: &str) -> ErrorBody {
    LocalReason::AnswerTooLarge { host: host(server).into() }.into()
}

/// That something else answered.
pub(super) fn not_a_server(server: &str) -> ErrorBody {
    LocalReason::NotAServer { host: host(server).into() }.into()
}

/// A server's address without its scheme.
pub(super) fn host(server: &str) -> &str {
    server.split_once("://").map_or(server, |(_, host)| host)
}

/// That requests are answered and no WebSocket passes.
pub(crate) fn no_upgrade() -> ErrorBody {
    ErrorBody::new(
        ErrorCode::NoUpgrade,
        "something between here and the server passes no WebSocket",
    )
}

/// The innermost cause of a failure, as whoever it happened to has it.
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
    fn only_the_servers_own_envelope_is_its_word() {
        let refusal = br#"{"code":"too_large","message":"no"}"#;
        assert_eq!(envelope(413, refusal).map(|body| body.code), Some(ErrorCode::TooLarge));
        // A proxy's page, and a proxy that echoes.
        assert_eq!(envelope(403, b"<html>blocked</html>"), None);
        assert_eq!(envelope(502, refusal), None);
    }
}
