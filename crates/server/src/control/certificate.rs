//! How the certificate is that a server shows.

use crate::tls::{Tls, TlsMode};
use parlour_protocol::Millis;
use serde::{Deserialize, Serialize};
use std::time::SystemTime;

/// The certificate that a server shows.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CertificateStatus {
    /// Where it comes from, as the setting `tls` has it: `own`, `files` or `acme`.
    pub kind: String,
    /// Whether there is one: by ACME there is none until the authority has issued the first.
    pub present: bool,
    /// When it ends; nothing if it does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Millis>,
    /// Why there is no new one by ACME although it is time for one, in the words of whoever refused it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
    /// When the authority is asked again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_at: Option<Millis>,
}

impl CertificateStatus {
    /// Of what this shows.
    pub fn new(tls: &Tls) -> Self {
        let kind = match tls.mode() {
            TlsMode::Off => "off",
            TlsMode::Own(_) => "own",
            TlsMode::Files { .. } => "files",
            TlsMode::Acme(_) => "acme",
        };
        let validity = tls.validity();
        let ending = validity.filter(|validity| !validity.is_endless());
        let failure = tls.failure();
        Self {
            kind: kind.into(),
            present: validity.is_some(),
            expires_at: ending.map(|validity| millis(validity.until)),
            retry_at: failure.as_ref().map(|failure| millis(failure.retry_at)),
            failure: failure.map(|failure| failure.why),
        }
    }
}

fn millis(at: SystemTime) -> Millis {
    let since = at.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
