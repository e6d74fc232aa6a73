//! From when and until when a certificate is good.

use rustls::pki_types::CertificateDer;
use std::time::{Duration, SystemTime};
use x509_cert::der::Decode;

/// A certificate that ends later than this counts as one without an end.
const ENDLESS: Duration = Duration::from_secs(100 * 365 * 24 * 3600);

/// From when and until when a certificate is good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Validity {
    /// From when.
    pub from: SystemTime,
    /// Until when.
    pub until: SystemTime,
}

impl Validity {
    /// Returns what a certificate says; nothing if it is none.
    pub fn of(certificate: &CertificateDer<'_>) -> Option<Self> {
        let parsed = x509_cert::Certificate::from_der(certificate).ok()?;
        let validity = parsed.tbs_certificate.validity;
        let (from, until) = (validity.not_before.to_system_time(), validity.not_after);
        Some(Self { from, until: until.to_system_time() })
    }

    /// Returns how long it is good.
    pub fn lifetime(&self) -> Duration {
        self.until.duration_since(self.from).unwrap_or_default()
    }

    /// Returns whether it is for good, as far as people are concerned.
    pub fn is_endless(&self) -> bool {
        self.lifetime() > ENDLESS
    }
}
