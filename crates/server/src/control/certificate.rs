//! The state of the certificate that a server presents.

use crate::tls::{Tls, TlsMode};
use parlour_protocol::Millis;
use serde::{Deserialize, Serialize};
use std::time::SystemTime;

/// The certificate that a server presents.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CertificateStatus {
    /// Its origin, as in the setting `tls`: `own`, `files` or `acme`.
    pub kind: String,
    /// Whether there is one: with ACME there is none until the authority has issued the first.
    pub present: bool,
    /// The time at which it expires; `None` if it does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Millis>,
    /// Why ACME has not renewed it although that is due, as the authority or the network reported it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
    /// The time of the next request to the authority.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_at: Option<Millis>,
}

impl CertificateStatus {
    /// Returns the state of the certificate that this server presents.
    pub fn new(tls: &Tls) -> Self {
        let kind = match tls.mode() {
            TlsMode::Off => "off",
            TlsMode::Own(_) => "own",
            TlsMode::Files { .. } => "files",
            TlsMode::Acme(_) => "acme",
        };
        let validity = tls.validity();
        let limited_validity = validity.filter(|validity| !validity.is_unlimited());
        let failure = tls.failure();
        Self {
            kind: kind.into(),
            present: validity.is_some(),
            expires_at: limited_validity.map(|validity| millis(validity.until)),
            retry_at: failure.as_ref().map(|failure| millis(failure.retry_at)),
            failure: failure.map(|failure| failure.reason),
        }
    }
}

fn millis(at: SystemTime) -> Millis {
    let since = at.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
